/// Passes hints on to one intake, in their order. A share that hangs keeps those for its own inbox waiting, and no others.
struct Mailbox: Sendable {
  typealias Letter = @Sendable (Intake) async -> Void

  /// More than these are not kept: the folder is listed in their place.
  private static let most = 1 << 14

  private let letters: AsyncStream<Letter>.Continuation
  private let isOverfull = Mark()

  init(to intake: Intake) {
    let (stream, continuation) = AsyncStream.makeStream(of: Letter.self, bufferingPolicy: .bufferingOldest(Self.most))
    letters = continuation
    let isOverfull = isOverfull
    Task {
      for await letter in stream {
        await letter(intake)
        if isOverfull.clear() { await intake.rescan() }
      }
    }
  }

  func put(_ letter: @escaping Letter) {
    if case .dropped = letters.yield(letter) { isOverfull.set() }
  }

  /// Takes no more; what is in it is still passed on.
  func close() { letters.finish() }
}
