/** Messages of three applications, taking turns, every one with other values. */
export function mixedMessages(count: number): string[] {
  let seed = 1;
  /** A whole number below `limit`; the same ones in every run. */
  const any = (limit: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >>> 8) % limit;
  };
  const of = (words: readonly string[]) => words[any(words.length)] ?? '';
  const address = () => `10.${any(256)}.${any(256)}.${any(256)}:${1024 + any(60_000)}`;
  const users = ['anna', 'ben', 'carla', 'deploy', 'emil', 'frida', 'gast', 'hanna', 'ingo', 'jana', 'kai', 'lea'];
  const writers = [
    () => `Chunk chunk_${any(1e9)}${any(1e9)} stored on /${address()} and mirrored to /${address()}, size ${any(1e8)}`,
    () => `Chunk chunk_${any(1e9)}${any(1e9)} verified`,
    () => `Sender ${any(3)} of chunk_${any(1e9)}${any(1e9)} to /${address()} has finished`,
    () => `Removed chunk_${any(1e9)}${any(1e9)} from /data/${any(40)}/current/chunk_${any(1e9)}`,
    () => `worker.start() found child ${any(30_000)} in slot ${any(60)}`,
    () => `worker.start() uses /etc/web/workers${any(9)}.conf`,
    () => `worker ${any(30_000)} is in state ${any(12)} since ${any(60)}.${any(1000)} seconds`,
    () => `Password of ${of(users)} refused from ${address()} over ssh2 (attempt ${any(6)})`,
    () => `Password of unknown user ${of(users)}${any(100)} refused from ${address()} over ssh2`,
    () => `Session ${any(1e9).toString(16)}${any(1e9).toString(16)} opened for ${of(users)} by (uid=${any(2000)})`,
    () => `Connection closed by ${address()} [preauth]`,
  ];
  return Array.from({ length: count }, (_, index) => (writers[index % writers.length] ?? String)(index));
}
