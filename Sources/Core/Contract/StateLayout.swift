/// Folders of the state directory that the worker sees. Everything else in it is the supervisor's alone: in the worker's
/// unit only these are mounted (systemd/popcornd-worker@.service).
///
/// Both write into `work` and `train`. The supervisor makes folders in them with mode 0770, because under systemd the
/// worker is another user of the same group.
public enum StateLayout {
  /// Private copies, masks, weights, latents: written by the supervisor, read by the worker.
  public static let store = "store"
  /// Drafts in the making.
  public static let work = "work"
  /// Cycles: orders, checkpoints, results.
  public static let train = "train"
  /// Prepared scans of a worker that is a child of the supervisor; may be emptied at any time. Under systemd the worker's
  /// unit has a cache directory instead.
  public static let cache = "cache"
}
