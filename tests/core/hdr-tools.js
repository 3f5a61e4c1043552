// SPDX-License-Identifier: GPL-3.0-or-later
// What the module hdr-histogram-js makes of histograms and logs, for test-hdr-tools.py.
//
// hdr-tools.js histograms   a base64 text a line in; a line of JSON each out
// hdr-tools.js hlog         a log in; a line of JSON for each of its intervals out

const hdr = require('hdr-histogram-js');
const PERCENTILES = [1, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100];
// Counts of more than 32 bits.
const BITS = 64;

function describe(histogram, more) {
  const percentiles = {};
  for (const p of PERCENTILES)
    percentiles[p] = String(histogram.getValueAtPercentile(p));
  console.log(JSON.stringify({
    ...more, total: String(histogram.totalCount), percentiles, max: String(histogram.maxValue),
    v2: hdr.encodeIntoCompressedBase64(histogram),
  }));
}

const text = require('fs').readFileSync(0, 'utf8');
if (process.argv[2] === 'histograms') {
  for (const line of text.split('\n').filter(Boolean))
    describe(hdr.decodeFromCompressedBase64(line, BITS), {});
} else {
  const reader = new hdr.HistogramLogReader(text, BITS);
  for (let h = reader.nextIntervalHistogram(); h !== null; h = reader.nextIntervalHistogram())
    describe(h, { tag: h.tag, start_ms: h.startTimeStampMsec, end_ms: h.endTimeStampMsec });
}
