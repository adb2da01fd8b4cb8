import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ApiDependencies } from '../../functions/api/dependencies.ts';
import type { RouteDependencies } from '../../functions/api/routes.ts';
import type { BinaryContent } from '../../functions/binaries/binary-content.ts';
import type { CleanerDependencies } from '../../functions/cleaner/create-cleaner-handler.ts';
import type { DispatcherDependencies } from '../../functions/dispatcher/create-dispatcher-handler.ts';
import type { ImporterDependencies } from '../../functions/importer/create-importer-handler.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import type { WorkerDependencies } from '../../functions/worker/dependencies.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

/** What the api needs below its middlewares. */
export type SimulatedApiDependencies = RouteDependencies &
  Pick<ApiDependencies, 'verifier'> & {
    /** Earlier versions of the api store bytes too. */
    readonly content: BinaryContent;
  };

/** A container and where it is. */
export interface Place {
  readonly process: SimulatedProcess;
  readonly world: World;
}

/** The service with something changed. The product is the variant that changes nothing. */
export interface Variant {
  /** Changes the commands that clients of DynamoDB and S3 send. */
  readonly command?: (command: object, role: string) => object;
  /** Changes what the job store of a container does. */
  readonly jobs?: (store: JobStore, documents: DynamoDBDocumentClient) => JobStore;
  readonly api?: (dependencies: SimulatedApiDependencies, place: Place) => SimulatedApiDependencies;
  readonly worker?: (dependencies: WorkerDependencies, place: Place) => WorkerDependencies;
  readonly importer?: (dependencies: ImporterDependencies, place: Place) => ImporterDependencies;
  /** Changes what the import store of an importer or an operator does. */
  readonly imports?: (store: ImportStore, documents: DynamoDBDocumentClient) => ImportStore;
  readonly cleaner?: (dependencies: CleanerDependencies) => CleanerDependencies;
  readonly dispatcher?: (dependencies: DispatcherDependencies, place: Place) => DispatcherDependencies;
}
