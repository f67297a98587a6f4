import Contract
import Files
import Glibc
import Imaging
import SystemPackage
import Testing

/// The folder of real scans, where there is one: `labeled/`, `unlabeled/`, `brainmasks/` as `popcorn train` has them.
private let realData: FilePath? = getenv("POPCORN_REAL_DATA").map { FilePath(String(cString: $0)) }

@Suite(.enabled(if: realData != nil, "skipped: POPCORN_REAL_DATA is not set"))
struct RealScans {
  private func image(_ name: String) throws -> Image {
    let path = try #require(realData).appending(name)
    return try NiftiFile.decode(try BoundedReader.read(path))
  }

  @Test(arguments: ["catania-P14-t1", "catania-P39-t1", "ljubljana-19", "ljubljana-26"])
  func aTemplateScanIsMovedByWholeVoxels(name: String) throws {
    let scan = try image("labeled/\(name)_FLAIR.nii.gz")
    let mask = try image("labeled/\(name)_mask.nii.gz")
    let clock = ContinuousClock()
    let start = clock.now
    let prepared = try Preparation(settings: PreparationSettings()).prepare(scan)
    print(name, clock.now - start, prepared.steps.map { "\($0.name) \($0.figures)" })
    let placed = try Preparation(settings: PreparationSettings()).placeMask(mask, in: prepared)
    let back = prepared.restore(probability: placed.map(Float.init))
    #expect(back.values.map { $0 > 0.5 } == mask.volume.values.map { $0 > 0.5 })
    let figures = try #require(prepared.steps.last).figures
    print(figures, LesionFigures(of: placed, voxelVolume: 1), prepared.geometry.affine)
    #expect(prepared.steps.first { $0.name == "placement" }?.figures["resampled"] == 0)
  }

  @Test(arguments: [
    "labeled/tabriz-01", "labeled/tabriz-05", "unlabeled/ljubljana-L01-s1", "unlabeled/ljubljana-L09-s2",
  ])
  func aNativeScanWithItsBrainMaskIsPlaced(name: String) throws {
    let scan = try image("\(name)_FLAIR.nii.gz")
    let stem = String(name.split(separator: "/")[1])
    let brain = try image("brainmasks/\(stem)_brainmask.nii.gz")
    let preparation = Preparation(settings: PreparationSettings())
    let prepared = try preparation.prepare(scan, brain: brain)
    print(name, prepared.steps.map { "\($0.name) \($0.figures)" })
    if name.hasPrefix("labeled") {
      let mask = try image("\(name)_mask.nii.gz")
      let placed = try preparation.placeMask(mask, in: prepared)
      let back = prepared.restore(probability: placed.map(Float.init))
      let (a, b) = (mask.volume.values.map { $0 > 0.5 }, back.values.map { $0 >= 0.5 })
      let both = zip(a, b).filter { $0 && $1 }.count
      let dice = 2 * Double(both) / Double(a.filter { $0 }.count + b.filter { $0 }.count)
      print(
        LesionFigures(of: placed, voxelVolume: 1),
        LesionFigures(of: mask.volume.map { $0 > 0.5 ? 1 : 0 }, voxelVolume: scan.geometry.voxelVolume),
        "dice there and back", dice)
      #expect(dice > 0.8)
    }
  }
}
