import Contract
import Glibc
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
    of script: String, deadline: Duration = .milliseconds(300), longestStart: Duration = .seconds(60)
  ) async -> [WorkerEvent] {
    // As the service does: a worker may be gone when it is written to.
    signal(SIGPIPE, SIG_IGN)
    let (events, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
    let link = WorkerLink(
      .command(["/bin/sh", "-c", script], environment: [:]), events: continuation, longestStart: longestStart)
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

  private func ending(of script: String, longestStart: Duration = .seconds(60)) async -> Ending? {
    let last = await events(of: script, longestStart: longestStart).last
    return if case .down(let ending, _) = last { ending } else { nil }
  }

  /// A launcher that waits for the worker, and one whose worker is in a session of its own: the pipe stays open longer than
  /// the launcher lives.
  @Test(arguments: ["sleep 600; exit 0", "setsid sleep 600 2>/dev/null; exit 0"])
  func anOverdueWorkerIsEndedWhoeverHasStartedIt(script: String) async {
    let begun = ContinuousClock.now
    #expect(await ending(of: Self.greeting + script) == .overdue)
    #expect(ContinuousClock.now - begun < .seconds(500))
  }

  /// One that never says that it is there could not be started; it is told apart from one that left.
  @Test func aWorkerThatDoesNotGreetIsEnded() async {
    let begun = ContinuousClock.now
    let ending = await ending(of: "sleep 600; exit 0", longestStart: .milliseconds(300))
    guard case .unstartable(let why) = ending else {
      Issue.record("\(String(describing: ending))")
      return
    }
    #expect(why.contains("ready") && ContinuousClock.now - begun < .seconds(500))
    #expect(await self.ending(of: "exit 3") == .exited(3))
  }

  /// Whoever has greeted may be silent for as long as nothing is asked.
  @Test func aWorkerThatHasGreetedIsNotAwaited() async {
    let script = Self.greeting + "sleep 4; exit 3"
    let heard = await events(of: script, deadline: .seconds(60), longestStart: .seconds(3))
    guard case .down(.exited(3), _) = heard.last else {
      Issue.record("\(heard)")
      return
    }
  }

  /// A draft that waits for its turn beside a training that goes on has not begun: its time does not run out.
  @Test func progressOfAnythingBeginsADeadlineAnew() async {
    let progress = #"{"id":7,"content":{"progress":{"_0":{"phase":"training","step":1,"epoch":1,"done":1,"total":9}}}}"#
    let answer = #"{"id":1,"content":{"paused":{}}}"#
    let script = "for step in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; echo '\(progress)'; done; echo '\(answer)'; exit 3"
    let heard = await events(of: Self.greeting + script, deadline: .seconds(3))
    let isAnswered = heard.contains { if case .reply(id: 1, .paused) = $0 { true } else { false } }
    #expect(isAnswered, "\(heard)")
  }
}
