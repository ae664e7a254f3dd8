/** Whether this machine's typed arrays hold the least byte of an element first. */
export const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
