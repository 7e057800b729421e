/** Names that tell how many there are. */

/** Collections whose length the deployment decides, not its load. */
export const topologyNames =
  /^(\w*_)?(endpoints|peers|members|listeners|servers|replicas|addrs|addresses|hosts|nodes|workers|shards|brokers|backends|partitions|plugins|checkers|probes|clusters|namespaces|interfaces|upstreams)$/i;

/** Iterator methods that give at most as many as they get. */
export const adaptors =
  /^(iter|iter_mut|into_iter|enumerate|skip|take|step_by|rev|zip|filter|map|cloned|copied|peekable)$/;

/** Methods that give fewer, each as long as it is told. */
export const chunks = /^(chunks|chunks_exact|chunks_mut|windows|array_chunks)$/;

/** What configuration is called where it is a plain name. */
export const configurationLocals = /^(cfg|conf|opts?|args|flags|spec)$/i;

/** What it is called where it is a field. */
export const configurationFields = /^(config|configs|configuration|options|settings)$/i;
