import Contract
import Testing

@testable import Imaging

@Suite struct DamageTests {
  private let admission = Admission(role: .scan, limits: IntakeLimits())

  @Test func aFileCutAnywhereWaits() throws {
    let plain = TestHeader().file()
    for packed in [plain, Gzip.pack(plain), storedBlocks(plain)] {
      // Every length of the beginning and the end; between them each seventeenth.
      for length in 0..<packed.count where length < 900 || length % 17 == 0 || length > packed.count - 40 {
        let (verdict, canonical) = admission.judge(Array(packed[..<length]))
        #expect(verdict.outcome == .wait, "\(length) of \(packed.count): \(verdict)")
        #expect(canonical == nil)
      }
      #expect(admission.judge(packed).verdict.outcome == .accept)
    }
  }

  @Test func aPackedFileThatIsChangedNeverGivesOtherVoxels() throws {
    let plain = TestHeader().file()
    let truth = try #require(admission.judge(plain).verdict.voxelDigest)
    var dice = Dice(seed: 20_211_014)
    for packed in [Gzip.pack(plain), storedBlocks(plain), Gzip.pack(Gzip.pack(plain))] {
      for _ in 0..<600 {
        var bytes = packed
        for _ in 0...dice.roll(3) { bytes[dice.roll(bytes.count)] ^= UInt8(1 << dice.roll(8)) }
        let verdict = admission.judge(bytes).verdict
        if verdict.outcome == .accept { #expect(verdict.voxelDigest == truth) }
      }
    }
  }

  @Test func aPlainFileWhoseHeaderIsChangedIsAnswered() {
    let plain = TestHeader().file()
    var dice = Dice(seed: 4)
    for role in [FileRole.scan, .label, .brain] {
      let admission = Admission(role: role, limits: IntakeLimits())
      for _ in 0..<800 {
        var bytes = plain
        for _ in 0...dice.roll(6) { bytes[dice.roll(352)] = UInt8(dice.roll(256)) }
        let (verdict, canonical) = admission.judge(bytes)
        #expect((verdict.outcome == .accept) == (canonical != nil))
        #expect(verdict.outcome == .accept || verdict.reason != nil)
        if let canonical { #expect(throws: Never.self) { try NiftiFile.decode(canonical) } }
      }
    }
  }

  @Test func inflateReadsWhatLibdeflatePacks() {
    var dice = Dice(seed: 11)
    for length in [0, 1, 2, 300, 5000, 70_000, 200_000] {
      for sides in [2, 200] {
        let content = (0..<length).map { _ in UInt8(dice.roll(sides)) }
        for level: Int32 in [0, 1, 6, 12] {
          let packed = Gzip.pack(content, level: level)
          let (ending, beginning) = packed.withUnsafeBufferPointer { buffer in
            var inflate = Inflate(buffer, at: 10, keep: .max, limit: 1 << 20)
            return (inflate.run(), inflate.beginning)
          }
          #expect(ending == .complete(input: packed.count - 8))
          #expect(beginning == content)
        }
      }
    }
  }

  /// Packed without packing: stored blocks, as some tools write what does not shrink.
  private func storedBlocks(_ content: [UInt8]) -> [UInt8] { Gzip.pack(content, level: 0) }
}
