/** The conditions of the job table's writes. Each names what must hold for its transition. */
export const conditions = {
  isNew: 'attribute_not_exists(pk)',
  isHeldBy: '#status = :running AND leaseToken = :token',
  isAsSeen: '#status = :seenStatus AND due = :seenDue AND attempts = :seenAttempts',
  isStillAsSeen:
    '#status = :seenStatus AND attempts = :seenAttempts AND attribute_not_exists(deletedAt) AND attribute_not_exists(versions.#nextVersion)',
  isDeleted: 'attribute_exists(deletedAt)',
  isClaimable:
    '(#status = :queued OR (#status = :running AND leaseUntil <= :now)) AND attempts < :maxAttempts AND deadline >= :latest AND attribute_not_exists(releaseAt) AND (attribute_not_exists(pausedUntil) OR pausedUntil <= :now)',
  isNewVersion: 'attribute_not_exists(versions.#version)',
  isFailedAsSeen:
    '#status = :failed AND attribute_not_exists(deletedAt) AND attribute_exists(versions.#seenVersion) AND attribute_not_exists(versions.#nextVersion) AND expires >= :expires',
  isUnreleased: '#status = :queued AND releaseAt = :releaseAt',
} as const;
