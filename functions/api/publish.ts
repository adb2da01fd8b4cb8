import type { Publication } from '../fhir/operation-definition.ts';
import { product, released } from '../platform/product.ts';

/** This release of the product, under a public address. */
export const publish = (baseUrl: string): Publication => ({ baseUrl, product, released });
