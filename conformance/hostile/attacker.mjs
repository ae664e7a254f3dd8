// Opens connections to a server on this machine and sends the same bytes on each, in a process of its own so that what
// it costs itself slows nobody else.
//
// It gets { port, connections, bytes (base64), again } as a message. With `again` a connection that was closed is made
// anew until the attacker is killed. It reports { connected, closed } when all have been tried, and on each message
// after that.
import { connect } from "node:net";

process.once("message", ({ port, connections, bytes, again }) => {
  const payload = Buffer.from(bytes, "base64");
  let connected = 0;
  let closed = 0;
  let pending = connections;
  const settled = () => {
    if (--pending === 0) process.send({ connected, closed });
  };
  const open = (isFirst) => {
    const socket = connect(port, "127.0.0.1");
    let isDone = !isFirst;
    const done = () => {
      if (!isDone) settled();
      isDone = true;
    };
    socket.on("error", () => {});
    socket.on("connect", () => {
      connected++;
      // What was taken by the system is sent as far as anybody can tell.
      socket.write(payload, done);
      socket.resume();
    });
    socket.on("close", () => {
      closed++;
      done();
      if (again) setTimeout(() => open(false), 20);
    });
  };
  for (let index = 0; index < connections; index++) open(true);
  process.on("message", () => process.send({ connected, closed }));
});
