import { describeMove, moveBetween, recoverMove, type UnfinishedMove } from "../../apply/migrate/index.js";
import type { Context } from "../../engine/handler.js";
import { isActive, placeOf, type DomainPlace, type DomainSearch } from "../../inventory/domains.js";

/** A VM that is looked for. */
export interface Sought {
  readonly uuid: string;
  /** For errors and the log: its name, or its UUID where it has none. */
  readonly name: string;
  /** Where it was last seen: among definitions that do not run, that one counts. */
  readonly runsOn: string;
}

/**
 * The place of a VM, as {@link placeOf} tells it. Between the two ends of an unfinished move it is judged, and nothing is changed.
 * @throws DroverError
 */
export async function seenPlace(ctx: Context, search: DomainSearch, sought: Sought): Promise<DomainPlace | undefined> {
  const move = await unfinishedMove(search, sought);
  if (move === undefined) return placeOf(search, `VM ${sought.name}`, sought.runsOn);
  ctx.log.warn(`${sought.name} is in an unfinished move (${describeMove(move.record)}), and is on ${move.guestAt.name} as it stands: the next update of it finishes or undoes that`);
  return search.places.find(({ host }) => host === move.guestAt);
}

/**
 * The place of a VM that is to be changed, and what was found: an unfinished move of it is finished or undone first.
 * @param seek asks all hosts
 * @throws DroverError
 */
export async function settledPlace(ctx: Context, seek: () => Promise<DomainSearch>, sought: Sought): Promise<{ readonly search: DomainSearch; readonly place: DomainPlace | undefined }> {
  let search = await seek();
  const move = await unfinishedMove(search, sought);
  if (move !== undefined) {
    const { from, to, record } = move;
    const elsewhere = search.asked.filter((host) => host !== from && host !== to);
    ctx.log.info(`${sought.name} is in an unfinished move (${describeMove(record)}), which is ended first`);
    const outcome = await recoverMove(sought.uuid, sought.name, from, to, { log: ctx.log, elsewhere });
    ctx.log.info(`${sought.name} is on ${outcome === "moved" ? to.name : from.name}`);
    search = await seek();
  }
  return { search, place: placeOf(search, `VM ${sought.name}`, sought.runsOn) };
}

async function unfinishedMove({ places }: DomainSearch, { uuid, name }: Sought): Promise<UnfinishedMove | undefined> {
  const [one, other, third] = places.filter(({ state }) => isActive(state));
  if (one === undefined || other === undefined || third !== undefined) return undefined;
  return await moveBetween(uuid, name, [one.host, other.host]);
}
