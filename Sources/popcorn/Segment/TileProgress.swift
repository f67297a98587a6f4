import Contract

/// How far a scan is, on standard error where that is a terminal; nothing elsewhere.
final class TileProgress {
  private let line = ProgressLine()
  private var pace = Pace()

  /// Work that has no figures begins.
  func begin(_ phase: String) {
    if line.isTerminal { line.show(TrainingProgress(phase: phase)) }
  }

  /// So many tiles of a scan are segmented.
  func segmented(_ done: Int, of total: Int) {
    guard line.isTerminal,
      let shown = pace.take(TrainingProgress(phase: "segmenting", done: done, total: total))
    else { return }
    line.show(shown)
  }

  /// Something that stays on standard error, terminal or not.
  func note(_ text: String) { line.note(text) }

  /// Leaves the terminal as it was.
  func end() { line.clear() }
}
