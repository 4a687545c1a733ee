// Numbers in order instead of hashes of paths: the result must not depend on where it was built.
module.exports = { optimization: { moduleIds: "natural", chunkIds: "natural" } };
