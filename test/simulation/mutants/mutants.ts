/** A text that must stand in the sources exactly once, and what stands there in the mutant. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

/** The system with one of the mistakes that such a system invites. */
export interface Mutant {
  readonly name: string;
  /** A seed whose runs show it soon; only time depends on it. */
  readonly from?: number;
  /** The runs that must show it, where it is not the deaths of poller and consumer. */
  readonly suite?: 'proof';
  readonly edits: readonly Edit[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'checkpoint before send',
    edits: [
      {
        find: `        const isTaken = await this.#deliver(owed, reading, whole);
        if (isTaken) this.state = this.#covered(this.state, delivery);`,
        replace: `        this.state = this.#covered(this.state, delivery);
        const isTaken = await this.#deliver(owed, reading, whole);`,
      },
      {
        find: '{ ...base, nextRequestAt: pacer.nextAt, dirty }',
        replace: '{ ...poll.state, nextRequestAt: pacer.nextAt, dirty }',
      },
    ],
  },
  {
    name: 'watermark = newest start',
    edits: [
      {
        find: 'return coverWindow(state, owed, reading.shownAll, this.#parts.policy);',
        replace: `const { policy } = this.#parts;
    const starts = reading.pages.flatMap(({ sightings }) => sightings.map(({ startAt }) => startAt ?? 0));
    const window = { from: fetchFrom(state, policy), to: Math.max(owed.window.to, ...starts) };
    return coverWindow(state, { ...owed, window }, reading.shownAll, policy);`,
      },
    ],
  },
  {
    name: 'ignored failed entries',
    from: 24,
    edits: [
      {
        find: '      const accepted = outcome?.sent ?? false;',
        replace: '      const accepted = true;',
      },
      {
        find: '      if (outcome && !outcome.sent) refused = outcome.code;\n',
        replace: '',
      },
    ],
  },
  {
    name: 'unordered index put',
    from: 11,
    edits: [
      {
        find: '  const isNewer = stamp > present.seen;',
        replace: '  const isNewer = stamp !== present.seen;',
      },
    ],
  },
  {
    name: 'publish only if the put won',
    from: 4,
    edits: [
      {
        find: "return present.madeBy === stamp ? { act: 'announce', call: present } : { act: 'nothing' };",
        replace: "return { act: 'nothing' };",
      },
    ],
  },
  {
    name: 'idempotency key first',
    from: 2,
    edits: [
      {
        find: '  const { pack, zipped, ndjson, lines } = opened;\n',
        replace: `  const { pack, zipped, ndjson, lines } = opened;
  const key = \`claims/\${delivery.messageId}\`;
  if ((await ports.objects.create(key, zipped)) === 'exists') return;
`,
      },
    ],
  },
  {
    name: 'non-deterministic object key',
    edits: [
      {
        find: 'digest: packDigest(ndjson) })',
        replace: 'digest: packDigest(Buffer.from(`${Math.random()}`)) })',
      },
    ],
  },
  {
    name: 'pages stopped at a short page',
    edits: [
      {
        find: '    const short = sightings.length > 0',
        replace: `    if (sightings.length < limit) return end('covered');
    const short = sightings.length > 0`,
      },
    ],
  },
  {
    name: 'sent list written before the send',
    from: 1,
    edits: [
      {
        find: '    await this.#ports.markDirty(new Set(outgoing.map(({ list }) => list.hour)));',
        replace: `    for (const { list, id, entry } of outgoing) list.set(id, entry);
    await this.#ports.lists.save();`,
      },
    ],
  },
  {
    name: 'lease without fencing',
    from: 11,
    edits: [
      {
        find: '  const ended = await ledger.save(name, final, version);',
        replace: `  const holder = await ledger.load(name);
  const ended = await ledger.save(name, final, holder?.version ?? version);`,
      },
    ],
  },
  {
    name: '"skip unchanged" without raising seen',
    from: 11,
    edits: [
      {
        find: `    if (isNewer)
      return {
        act: 'write',
        call: { ...present, seen: stamp, object, line },
        expectSeen: present.seen,
        isRevision: false,
      };`,
        replace: "    if (isNewer) return { act: 'nothing' };",
      },
    ],
  },
  {
    name: 'a raise that rewrites madeBy',
    from: 11,
    edits: [
      {
        find: 'call: { ...present, seen: stamp, object, line },',
        replace: 'call: { ...present, seen: stamp, madeBy: stamp, object, line },',
      },
    ],
  },
  {
    name: 'asking the index instead of the sent list',
    from: 2,
    edits: [
      {
        find: '    { queue, objects, lists, markDirty, nextTurn',
        replace: '    { queue, objects, lists, markDirty, index: ports.index, nextTurn',
      },
      {
        find: `    const known = pending.get(id) ?? list.get(id);
    const second = (at - hour) / SECOND;`,
        replace: `    const second = (at - hour) / SECOND;
    const indexed = (await this.#ports.index.load(this.#policy.account, [sighting.key])).get(sighting.key);
    const known = indexed && {
      ...parseStamp(indexed.seen),
      content: indexed.hash.slice(0, 16),
      second,
      unknown: false,
      absent: false,
    };`,
      },
    ],
  },
  {
    name: 'two holders under one epoch',
    edits: [{ find: 'Math.max(state.epoch + 1, Math.floor(at / SECOND))', replace: 'state.epoch' }],
  },
  {
    name: 'sends without marking the hours dirty',
    from: 11,
    edits: [
      {
        find: '    await this.#ports.markDirty(new Set(outgoing.map(({ list }) => list.hour)));\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a dirty hour trusted',
    from: 9,
    edits: [
      {
        find: '    if (this.#dirty.has(hour)) list.forgetContents();\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a refused message taken for the last thing sent',
    from: 24,
    edits: [
      {
        find: 'accepted ? entry : { ...entry, unknown: true }',
        replace: 'entry',
      },
    ],
  },
  {
    name: 'events that the bus did not take forgotten',
    from: 64,
    edits: [
      {
        find: '  if (code !== undefined) throw new NotThrough(code);\n};',
        replace: '};',
      },
    ],
  },
  {
    name: 'a failed index write taken for done',
    from: 4,
    edits: [{ find: '    if (failure) throw failure.reason;\n', replace: '' }],
  },
  {
    name: 'a batch acknowledged whole',
    from: 17,
    edits: [{ find: 'failed.map(({ messageId }) => ({ itemIdentifier: messageId }))', replace: '[]' }],
  },
  {
    name: 'a proof that goes on forgets what it had',
    suite: 'proof',
    edits: [
      {
        find: '    before.chunks.archive,\n',
        replace: '    [],\n',
      },
    ],
  },
  {
    name: 'two provers write into one file',
    from: 103,
    suite: 'proof',
    edits: [
      { find: 'this.#chunks.length, this.#by);', replace: 'this.#chunks.length, 0);' },
      {
        find: 'chunks.map((by, chunk) => entriesKey(name, side, chunk, by));',
        replace: 'chunks.map((_, chunk) => entriesKey(name, side, chunk, 0));',
      },
      {
        find: 'await this.#objects.create(key, fileOfEntries',
        replace:
          'const left = await this.#objects.read(key);\n    await this.#objects.replace(key, fileOfEntries',
      },
      {
        find: 'this.#entries.subarray(0, this.#count * ENTRY_BYTES)));',
        replace: 'this.#entries.subarray(0, this.#count * ENTRY_BYTES)), left?.version);',
      },
      {
        find: "  readonly #objects: Pick<ObjectStore, 'create'>;",
        replace: "  readonly #objects: Pick<ObjectStore, 'create' | 'read' | 'replace'>;",
      },
      {
        find: '    await keep(proving, value.run ? value : fresh());'.trim(),
        replace: 'if (!value.run) await keep(proving, fresh());',
      },
    ],
  },
  {
    name: 'repairs ask the sent list',
    suite: 'proof',
    edits: [{ find: "again: order?.kind === 'repair',", replace: 'again: false,' }],
  },
];
