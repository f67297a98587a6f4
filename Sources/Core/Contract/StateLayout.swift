/// Folders of the state directory that the worker sees. Everything else in it is the supervisor's alone: in the worker's
/// unit only these are mounted (systemd/popcornd-worker@.service).
public enum StateLayout {
  /// Private copies, masks, weights, latents: written by the supervisor, read by the worker.
  public static let store = "store"
  /// Drafts and cycles in the making: both write here. The supervisor makes its folders in it with mode 0770, because
  /// under systemd the worker is another user of the same group.
  public static let work = "work"
}
