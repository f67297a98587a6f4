import Contract
import Evaluation
import Imaging
import Popcorn
import Testing

@testable import popcorn

/// Five voxels in a row, and what experts drew in them, by file.
private final class Drawn: CaseSource {
  private let masks: [String: Volume<UInt8>]

  init(_ masks: [String: Volume<UInt8>]) { self.masks = masks }

  func volume(of scan: CaseReference) throws -> CaseVolume {
    let size = GridSize(5, 1, 1)
    return CaseVolume(image: Volume(size: size, repeating: 0), brain: Volume(size: size, repeating: 0))
  }

  func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> { try #require(masks[mask.path]) }
}

@Suite struct ExpertOverlapTests {
  private func volume(_ voxels: Set<Int>) -> Volume<UInt8> {
    Volume(size: GridSize(5, 1, 1), values: (0..<5).map { voxels.contains($0) ? 1 : 0 })
  }

  /// A mask against what each expert drew.
  private func overlaps(of mask: Set<Int>, with experts: [Set<Int>]) throws -> [VoxelOverlap] {
    let files = experts.indices.map { "expert\($0)" }
    let drawn = Drawn(Dictionary(uniqueKeysWithValues: zip(files, experts.map(volume))))
    let scan = CaseReference(
      id: "a", subject: "a", scan: "a", masks: files.map { MaskReference(kind: .expert, path: $0) })
    return try drawn.overlaps(of: volume(mask), with: scan)
  }

  private func isClose(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) < 1e-12
  }

  /// One of the mask's two voxels is right, one of the expert's three is found.
  @Test func theExpertIsTheTruth() throws {
    let overlaps = try overlaps(of: [0, 3], with: [[0, 1, 2]])
    #expect(isClose(overlaps.precision, 1.0 / 2))
    #expect(isClose(overlaps.sensitivity, 1.0 / 3))
    #expect(isClose(overlaps.dice, 2.0 / 5))
  }

  /// Of the second, sensitivity is 1 and Dice 2/3.
  @Test func expertsCountTheSame() throws {
    let overlaps = try overlaps(of: [0, 3], with: [[0, 1, 2], [0]])
    #expect(overlaps.count == 2)
    #expect(isClose(overlaps.precision, 1.0 / 2))
    #expect(isClose(overlaps.sensitivity, 2.0 / 3))
    #expect(isClose(overlaps.dice, 8.0 / 15))
  }

  /// An expert who drew nothing has no sensitivity, but a Dice and a precision of 0; an empty mask the other way round.
  @Test func whatIsUndefinedForAnExpertIsLeftOut() throws {
    let blank = try overlaps(of: [0, 3], with: [[0, 1, 2], []])
    #expect(isClose(blank.precision, 1.0 / 4) && isClose(blank.sensitivity, 1.0 / 3) && isClose(blank.dice, 1.0 / 5))
    let missed = try overlaps(of: [], with: [[0], [1, 2]])
    #expect(missed.precision == nil && missed.sensitivity == 0 && missed.dice == 0)
  }
}
