import Contract
import Dispatch
import Glibc
import Synchronization
import Terminal

/// Progress on standard error: one line that is written over on a terminal; elsewhere a line for each phase and epoch,
/// and one a minute.
final class ProgressLine {
  let isTerminal = isatty(2) == 1
  private var isOpen = false
  private var shown = ""
  private var shownAt = ContinuousClock.now

  func show(_ progress: TrainingProgress) {
    var words = [progress.phase]
    if progress.step > 0 { words.append("step \(progress.step)") }
    if ["initial", "training"].contains(progress.phase) { words.append("epoch \(progress.epoch)") }
    let place = words.joined(separator: ", ")
    guard isTerminal || place != shown || ContinuousClock.now - shownAt > .seconds(60) else { return }
    (shown, shownAt) = (place, .now)
    if progress.total > 0 { words.append("\(progress.done)/\(progress.total)") }
    if let loss = progress.loss { words.append("loss \(loss.decimals(3))") }
    if let left = progress.secondsLeft { words.append("\(duration(left)) left") }
    let text = words.joined(separator: ", ")
    standardError(isTerminal ? "\r\(text)\u{1B}[K" : text + "\n")
    isOpen = isTerminal
  }

  /// A line that stays.
  func note(_ text: String) {
    standardError((isOpen ? "\n" : "") + text + "\n")
    isOpen = false
  }

  /// Takes the line that is written over away.
  func clear() {
    if isOpen { standardError("\r\u{1B}[K") }
    isOpen = false
  }

  private func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e9))
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<7200: return "\(seconds / 60) min"
    default: return "\(seconds / 3600) h"
    }
  }
}

/// SIGINT and SIGTERM as a wish to stop at a checkpoint.
final class StopSignals {
  private final class Wish: Sendable {
    let asked = Mutex((count: 0, last: ContinuousClock.now))
  }
  private let wish = Wish()
  private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      let wish = wish
      source.setEventHandler {
        wish.asked.withLock { asked in
          // `timeout` sends its signal twice at once, and means it once.
          guard asked.count == 0 || ContinuousClock.now - asked.last > .seconds(1) else { return }
          asked = (asked.count + 1, .now)
        }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// How often it was asked for.
  var count: Int { wish.asked.withLock { $0.count } }

  var wasAsked: Bool { count > 0 }

  func cancel() { for source in sources { source.cancel() } }
}
