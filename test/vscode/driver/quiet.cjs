// An entry that resolves without having run anything.
exports.run = async () => {};
