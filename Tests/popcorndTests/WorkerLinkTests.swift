import Contract
import Processes
import Testing

@testable import popcornd

/// The line to a worker that is a shell.
@Suite struct WorkerLinkTests {
  private static let greeting =
    #"echo '{"id":0,"content":{"ready":{"_0":{"version":"x","isa":"generic","threads":1,"oneDNN":"none"}}}}'; "#

  /// What a link tells of a worker that runs `script`, until the worker is gone. Once it is there, it is asked to pause, and
  /// is to answer within `deadline`.
  private func events(
    of script: String, deadline: Duration = .milliseconds(300)
  ) async -> [WorkerEvent] {
    let (events, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
    let link = WorkerLink(.command(["/bin/sh", "-c", script], environment: [:]), events: continuation)
    let running = Task { await link.run() }
    await link.want()
    var heard: [WorkerEvent] = []
    for await event in events {
      heard.append(event)
      if case .up = event { _ = await link.send(.pause, id: 1, deadline: deadline) }
      if case .down = event { break }
    }
    await link.stop(patience: .zero)
    await running.value
    return heard
  }

  private func ending(of script: String) async -> Ending? {
    if case .down(let ending, _) = await events(of: script).last { ending } else { nil }
  }

  /// A launcher that waits for the worker, and one whose worker is in a session of its own: the pipe stays open longer than
  /// the launcher lives.
  @Test(arguments: ["sleep 60; exit 0", "setsid sleep 60; exit 0"])
  func anOverdueWorkerIsEndedWhoeverHasStartedIt(script: String) async {
    let begun = ContinuousClock.now
    #expect(await ending(of: Self.greeting + script) == .overdue)
    #expect(ContinuousClock.now - begun < .seconds(30))
  }
}
