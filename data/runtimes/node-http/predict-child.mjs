// SPDX-License-Identifier: GPL-3.0-or-later
// A prediction by a process of its own: vectors in as JSON, the body of the answer out.
import { text } from 'node:stream/consumers';
import { computations } from './computations.mjs';

// When who has asked is gone, what comes is not whole and what goes is not taken: nobody is to be told.
const giveUp = () => process.exit(1);
process.stdout.on('error', giveUp);
try {
  process.stdout.write(computations.predict(JSON.parse(await text(process.stdin))));
} catch {
  giveUp();
}
