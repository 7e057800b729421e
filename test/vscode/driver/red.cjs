// A suite with a failing test.
const { writeFileSync } = require('node:fs');

exports.run = async () => {
  writeFileSync(
    process.env.HEADROOM_TEST_RESULT,
    JSON.stringify({ passes: 1, failures: 1, output: '1) red' }),
  );
  throw new Error('1 failed');
};
