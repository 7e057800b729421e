// A suite that cannot be loaded.
require('./no-such-file.cjs');
