import type { ServerHttp2Session } from "node:http2";

/**
 * Looks after HTTP/2 connections that have fallen silent.
 *
 * *Broken ones.* When a client breaks the protocol, the HTTP/2 library beneath the platform sends GOAWAY with the
 * reason, and from then on neither reads nor writes. The platform reports nothing and leaves the connection open for
 * ever, even when its client is long gone, because nothing is read from it any more (Node 20 to 24). One sign shows it:
 * a PING stays in the library's queue although the system takes written bytes.
 *
 * *Dead ones.* A peer that vanished without closing its connection never answers the PING.
 */

/** One look a second: a connection that is silent at two in a row is asked. */
const tickMs = 1000;
/** A silent connection that has answered is asked again after this many looks. */
const askAgainTicks = 30;
/** A connection that does not answer is ended after this many looks. */
const answerMaxTicks = 30;

/** The parts of the platform that are not in its types: how much the system has not taken yet. */
interface NativeHandle {
  readonly writeQueueSize?: number;
}

interface Watched {
  seenBytes: number;
  silentTicks: number;
  /** How many looks ago an unanswered PING was sent. */
  unansweredTicks: number | undefined;
}

/** Watches the connections of one server. */
export class SessionWatch {
  readonly #watched = new Map<ServerHttp2Session, Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** From now on until the session ends. */
  add(session: ServerHttp2Session): void {
    this.#watched.set(session, { seenBytes: -1, silentTicks: 0, unansweredTicks: undefined });
    session.on("close", () => this.#remove(session));
    this.#timer ??= setInterval(() => this.#tick(), tickMs).unref();
  }

  #remove(session: ServerHttp2Session): void {
    this.#watched.delete(session);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const [session, watched] of this.#watched) look(session, watched);
  }
}

function look(session: ServerHttp2Session, watched: Watched): void {
  const bytes = session.socket?.bytesRead ?? 0;
  if (bytes !== watched.seenBytes) {
    watched.seenBytes = bytes;
    watched.silentTicks = 0;
    watched.unansweredTicks = undefined;
    return;
  }
  watched.silentTicks++;
  if (watched.unansweredTicks !== undefined && ++watched.unansweredTicks > answerMaxTicks) session.destroy();
  else if (watched.silentTicks % askAgainTicks === 1) ask(session, watched);
}

function ask(session: ServerHttp2Session, watched: Watched): void {
  if (session.destroyed) return;
  watched.unansweredTicks ??= 0;
  session.ping((error) => {
    if (error !== null) return;
    watched.unansweredTicks = undefined;
    // The answer itself is no activity.
    watched.seenBytes = session.socket?.bytesRead ?? 0;
  });
  // In the turn after the next everything that can be sent has been.
  setImmediate(() => setImmediate(() => endIfBroken(session)));
}

function endIfBroken(session: ServerHttp2Session): void {
  if (session.destroyed) return;
  const { writeQueueSize } = (session.socket as unknown as { _handle?: NativeHandle })._handle ?? {};
  const hasUnsent = (session.state.outboundQueueSize ?? 0) > 0;
  if (hasUnsent && writeQueueSize === 0) session.destroy();
}
