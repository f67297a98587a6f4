import Contract
import FoundationEssentials
import Testing

@testable import popcornd

@Suite struct RecordTests {
  /// However a stream is cut into pieces, its records are the same.
  @Test func recordsDoNotDependOnHowTheyArrive() throws {
    let text = Array("first\n\nthird with words\nrest".utf8)
    for cut in 0...text.count {
      for second in cut...text.count {
        var splitter = RecordSplitter(separator: UInt8(ascii: "\n"), limit: 100)
        let pieces = [text[0..<cut], text[cut..<second], text[second...]]
        let records = try pieces.flatMap { try splitter.take($0) }
        #expect(records == ["first", "", "third with words"].map { Array($0.utf8) })
      }
    }
  }

  @Test func anEndlessRecordIsRefused() throws {
    var splitter = RecordSplitter(separator: 0, limit: 4)
    _ = try splitter.take([1, 2, 3, 4])
    #expect(throws: RecordSplitter.TooLong.self) { try splitter.take([5]) }
  }

  @Test(arguments: [
    ControlRequest.status, .queue, .trainNow, .trainPause, .trainResume, .reload, .retry(id: "A"), .hold(id: "B"),
    .release(id: "C"),
  ])
  func controlRequestsRoundTrip(request: ControlRequest) throws {
    let bytes = try JSONEncoder().encode(request)
    #expect(try JSONDecoder().decode(ControlRequest.self, from: bytes) == request)
  }

  @Test func controlRepliesRoundTrip() throws {
    var status = ServiceStatus()
    status.inboxes = [.init(path: "/in", mode: "poll", trouble: "INBOX_GONE", pending: 3)]
    status.cycle = .init(number: 4, progress: TrainingProgress(phase: "training", step: 1, secondsLeft: 7))
    let replies: [ControlReply] = [
      .status(status), .done("ok"), .refused("no", exit: 77),
      .queue([QueueEntry(id: "A", state: .drafted, rank: 1, proximity: 1.5, generation: 2)]),
    ]
    for reply in replies {
      let bytes = try JSONEncoder().encode(reply)
      #expect(try JSONDecoder().decode(ControlReply.self, from: bytes) == reply)
    }
  }
}
