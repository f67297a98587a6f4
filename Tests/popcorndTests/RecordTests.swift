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

  /// What a worker says of a cycle that has taken in a pool of 100,000, with twenty times the paper's neighbours, is a line.
  @Test func theResultOfAWholePoolIsNoEndlessRecord() throws {
    // As many digits as a figure may have.
    let third = 1.0 / 3
    let (id, digest) = ("PSN7Q2M4K5TBA", String(repeating: "0123456789abcdef", count: 4))
    let nearest = (0..<100).map { ProximityFigures.Neighbour(id: id, distance: 1 / (Double($0) + 3)) }
    let steps = ["axes", "brain", "placement", "resample", "intensity"].map { name in
      let figures = ["x", "y", "z", "width", "height", "depth"].map { ($0, third) }
      return PreparationStep(name: name, figures: Dictionary(uniqueKeysWithValues: figures))
    }
    let figures = MaskFigures(
      maskDigest: digest, probabilityDigest: digest, lesionCount: 999, voxelCount: 99_999, volumeMl: third,
      largestMl: third, meanProbability: third, preparation: steps, warnings: ["EMPTY_MASK"], voxelDigest: digest,
      threshold: third, smallestLesion: third)
    let folder = "/var/lib/popcornd/studies/study/train/cycle-0001"
    let selection = CycleResult.Selection(
      proximity: ProximityFigures(id: id, sum: third, nearest: nearest), step: 1000, rank: 100_000,
      referenceMask: "\(folder)/reference/\(id).nii.gz", mask: "\(folder)/masks/\(id).nii.gz", figures: figures)
    let bytes = try JSONEncoder().encode(selection).count
    #expect((bytes + 1) * 100_000 < WorkerLink.longestLine, "\(bytes) B a scan")
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
