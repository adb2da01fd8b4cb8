/** One day in milliseconds. Local days can be shorter or longer; days of the calendar are numbered, not measured. */
export const dayMillis = 86_400_000;

/**
 * The number of a day of the proleptic Gregorian calendar: days since 1970-01-01.
 *
 * @param month 1 to 12, @param day 1 to 31; a day past the month's end runs into the next month.
 */
export const dayNumber = (year: number, month: number, day: number): number => {
  // Years begin in March here, so that the leap day is the last one (H. Hinnant, chrono-compatible date algorithms).
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
};

/** The number of the month that a day falls in: months since January of year 0, so `year * 12 + month - 1`. */
export const monthOfDay = (day: number): number => {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const year = yearOfEra + era * 400 + (marchMonth < 10 ? 0 : 1);
  return year * 12 + (marchMonth < 10 ? marchMonth + 2 : marchMonth - 10);
};

/** The number of the first day of a month, the month numbered as {@link monthOfDay} does. */
export const firstDayOfMonth = (month: number): number =>
  dayNumber(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);

/** How many days a month has, 28 to 31. */
export const daysInMonth = (year: number, month: number): number =>
  dayNumber(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - dayNumber(year, month, 1);
