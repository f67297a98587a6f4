import Contract
import Files
import FoundationEssentials
import Popcorn
import SystemPackage
import Testing

@testable import Imaging
@testable import popcorn

/// A mask is what its values say, and lies where its scan lies, or it is refused: 40 x 40 x 40 voxels of 2 mm, stored from
/// right to left.
@Suite struct ScanFilesTests {
  private static let settings = PreparationSettings(spacing: 2, size: [40, 40, 40])
  private static let size = GridSize(40, 40, 40)
  private static let toTheLeft: [Double] = [-2, 0, 0, 39, 0, 2, 0, -39, 0, 0, 2, -39]
  private static let toTheRight: [Double] = [2, 0, 0, -39, 0, 2, 0, -39, 0, 0, 2, -39]

  private let folder: TemporaryFolder
  private let scan: CaseReference
  private var files: ScanFiles { ScanFiles(settings: Self.settings) }

  init() throws {
    folder = try TemporaryFolder("popcorn-scan-files")
    scan = CaseReference(id: "a", subject: "a", scan: folder.file("a_FLAIR.nii.gz"))
    try write(PreparedCacheTests.ball().volume, "a_FLAIR.nii.gz")
  }

  private func volume(_ value: (Int, Int, Int) -> Float) -> Volume<Float> {
    var volume = Volume<Float>(size: Self.size, repeating: 0)
    for z in 0..<40 { for y in 0..<40 { for x in 0..<40 { volume[x, y, z] = value(x, y, z) } } }
    return volume
  }

  /// A lesion off the middle.
  private func lesion(_ value: Float = 1, mirrored: Bool = false) -> Volume<Float> {
    volume { x, y, z in 13..<16 ~= (mirrored ? 39 - x : x) && 18..<21 ~= y && 20..<22 ~= z ? value : 0 }
  }

  @discardableResult
  private func write(
    _ volume: Volume<Float>, _ name: String, _ affine: [Double] = toTheLeft, away: Double = 0, isOriented: Bool = true
  ) throws -> MaskReference {
    var affine = affine
    affine[11] += away
    var header = Image(volume: volume, geometry: GridGeometry(size: [40, 40, 40], affine: affine)).header
    if !isOriented { (header.qformCode, header.sformCode) = (0, 0) }
    let path = FilePath(folder.file(name))
    _ = try Directory(making: path.removingLastComponent())
    try writeDurably(NiftiFile.encode(scan: volume, like: header), to: path.string)
    return MaskReference(kind: .expert, path: path.string)
  }

  private func notices(_ mask: MaskReference) throws -> [String] {
    try files.look(at: mask, of: scan, try files.open(scan)).map(\.words)
  }

  private func refusal(_ mask: MaskReference) -> String {
    do {
      _ = try files.mask(mask, of: scan)
      return "none"
    } catch {
      return Fault(error).description
    }
  }

  @Test func whatIsNoMaskIsRefused() throws {
    #expect(refusal(try write(PreparedCacheTests.ball().volume, "flair.nii.gz")).contains("is an image and no mask"))
    let holed = volume { x, _, _ in x == 7 ? .nan : 0 }
    #expect(refusal(try write(holed, "nan.nii.gz")).contains("no numbers (1600)"))
    #expect(refusal(try write(lesion(), "mask.nii.gz")) == "none")
  }

  @Test func whatIsUnusualIsSaid() throws {
    #expect(try notices(write(lesion(255), "plain.nii.gz")) == [])
    var classes = lesion()
    classes[14, 19, 20] = 2
    #expect(try notices(write(classes, "classes.nii.gz")).map { $0.contains("labels 1, 2") } == [true])
    let inverted = Volume(size: Self.size, values: lesion().values.map { 1 - $0 })
    #expect(try notices(write(inverted, "inverted.nii.gz")).map { $0.contains("more than a fifth") } == [true])
  }

  /// The network's grid runs to the right.
  @Test func aMaskLiesAsItsScanLies() throws {
    let expected = lesion(mirrored: true).values.map { UInt8($0) }
    let plain = try write(lesion(), "mask.nii.gz")
    #expect(try files.mask(plain, of: scan).values == expected)
    let turned = try write(lesion(mirrored: true), "turned.nii.gz", Self.toTheRight)
    #expect(try files.mask(turned, of: scan).values == expected)
    #expect(try notices(turned) == [])
    let silent = try write(lesion(), "silent.nii.gz", isOriented: false)
    #expect(try files.mask(silent, of: scan).values == expected)
    #expect(try notices(silent).map { $0.contains("says not how it lies") } == [true])
  }

  @Test func aMaskThatLiesElsewhereIsRefused() throws {
    let far = try write(lesion(), "far.nii.gz", away: 40)
    #expect(refusal(far).contains("LABEL_GEOMETRY, it lies 40.00 mm away"))
    #expect(refusal(try write(lesion(), "half.nii.gz", away: 0.5)).contains("LABEL_GEOMETRY"))
    let near = try write(lesion(), "near.nii.gz", away: 0.2)
    #expect(refusal(near) == "none")
    #expect(try notices(near).map { $0.contains("0.20 mm") } == [true])
    #expect(try notices(write(lesion(), "here.nii.gz", away: 0.002)) == [])
    // The service has judged, and a person may have released it.
    let service = ScanFiles(settings: Self.settings, areCanonical: true)
    #expect(try service.mask(far, of: scan).values.contains(1))
  }

  /// Of a ball's left half.
  @Test func theMaskOfABrainLiesThereToo() throws {
    func prepared(_ brain: MaskReference) throws -> [UInt8] {
      var scan = scan
      scan.brain = brain.path
      return try files.volume(of: scan).brain.values
    }
    let half = volume { x, _, _ in x < 20 ? 1 : 0 }
    let plain = try prepared(write(half, "brain.nii.gz"))
    #expect(plain.contains(1))
    #expect(try prepared(write(half, "silent.nii.gz", isOriented: false)) == plain)
    let fault = #expect(throws: Fault.self) { try prepared(write(half, "far.nii.gz", away: 40)) }
    #expect(fault?.description.contains("far.nii.gz: LABEL_GEOMETRY") == true)
  }

  @Test func aScanThatSaysNotHowItLiesIsNamed() throws {
    try write(PreparedCacheTests.ball().volume, "a_FLAIR.nii.gz", isOriented: false)
    #expect(try files.open(scan).notices.map { $0.words.contains("ORIENTATION_ASSUMED") } == [true])
  }

  /// Before anything is trained; of what is true of many files one of them speaks.
  @Test func allOfAFolderIsLookedAt() throws {
    for name in ["a", "b"] {
      try write(PreparedCacheTests.ball().volume, "labeled/\(name)_FLAIR.nii.gz")
      var classes = lesion()
      classes[14, 19, 20] = 2
      try write(classes, "labeled/\(name)_mask.nii.gz")
    }
    let notes = try DataFolder(folder.path).look(with: files).notes
    #expect(
      notes.map { $0.contains("labeled/a_mask.nii.gz has labels 1, 2") && $0.hasSuffix("the same of 1 more") } == [
        true
      ])
    try write(PreparedCacheTests.ball().volume, "labeled/b_mask.nii.gz")
    let fault = #expect(throws: Fault.self) { try DataFolder(folder.path).look(with: files) }
    #expect(fault?.description.contains("labeled/b_mask.nii.gz is an image and no mask") == true)
  }
}
