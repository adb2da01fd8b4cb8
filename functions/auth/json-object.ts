/** Members of a JSON object, by name. Read them with {@link readMember}. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object: not an array, not null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that the object itself has, or `undefined`: nothing comes from a prototype. */
export const readMember = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
