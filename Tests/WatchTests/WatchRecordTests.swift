import Files
import SystemPackage
import Testing

@testable import Watch

@Suite struct WatchRecordTests {
  static let stream: [UInt8] =
    Array("R\0E 0 8 unlabeled/a b.nii.gz\0E 1 40000100 labeled\0O\0G 1\0L 0 unlabeled/deep\0X 2 13 x\0".utf8)
    + Array("E 0 80 unlabeled/-\n".utf8) + [0xE9, 0xFF, 0]
  static let records: [WatchRecord] = [
    .ready, .event(root: 0, mask: 8, path: "unlabeled/a b.nii.gz"),
    .event(root: 1, mask: 0x4000_0100, path: "labeled"), .overflow, .rootGone(root: 1),
    .watchLimit(root: 0, path: "unlabeled/deep"), .unwatched(root: 2, path: "x", errno: .permissionDenied),
    .event(root: 0, mask: 0x80, path: FilePath(rawBytes: Array("unlabeled/-\n".utf8) + [0xE9, 0xFF])),
  ]

  @Test(arguments: 1...40) func recordsAreTheSameHoweverTheyAreCut(size: Int) {
    var decoder = WatchRecordDecoder()
    var records: [WatchRecord] = []
    for start in stride(from: 0, to: Self.stream.count, by: size) {
      records += decoder.decode(Self.stream[start..<min(start + size, Self.stream.count)])
    }
    #expect(records == Self.records)
    #expect(decoder.damaged == 0)
  }

  @Test(arguments: [
    "", "Z", "E", "E 0", "E 0 8", "E x 8 a", "E -1 8 a", "E 0 100000000 a", "E 0 8 ../a", "E 0 8 a/../../b",
    "E 0 8 /etc/passwd",
    "E 0 8 ./a", "G", "G x", "G 0 1", "R 0", "O 1", "L 0 /a", "X 0 a b", "E 99999999999999999999 8 a",
  ])
  func damageIsCountedAndLeadsNowhere(text: String) {
    var decoder = WatchRecordDecoder()
    #expect(decoder.decode(Array(text.utf8) + [0]) == (text == "E 0 8" ? [.event(root: 0, mask: 8, path: "")] : []))
    #expect(decoder.damaged == (text == "E 0 8" ? 0 : 1))
    #expect(decoder.decode(Array("R\0".utf8)) == [.ready])
  }

  @Test func anEndlessRecordTakesNoMemoryAndEnds() {
    var decoder = WatchRecordDecoder()
    #expect(decoder.decode(repeatElement(UInt8(ascii: "E"), count: 100_000)).isEmpty)
    #expect(decoder.decode([0]).isEmpty)
    #expect(decoder.damaged == 1)
    #expect(decoder.decode(Array("O\0".utf8)) == [.overflow])
  }

  @Test func randomBytesNeverCrash() {
    var generator = SplitMix(state: 7)
    let alphabet: [UInt8] = Array("REOGLX 0123f/.\n".utf8) + [0, 0, 0xFF, 0x80]
    for _ in 0..<2000 {
      var decoder = WatchRecordDecoder()
      var ends = 0
      var records = 0
      for _ in 0..<4 {
        let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator) ?? 0
        }
        ends += bytes.count { $0 == 0 }
        records += decoder.decode(bytes).count
      }
      #expect(records + decoder.damaged == ends)
    }
  }
}

/// Steele, Lea, Flood 2014: a generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
