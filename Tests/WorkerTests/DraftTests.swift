import Contract
import Engine
import Files
import Imaging
import Phantom
import Popcorn
import SystemPackage
import Testing

@testable import popcorn

/// A draft is cut as the training of its model cut: the order counts only where the model does not say.
@Suite struct DraftTests {
  private static let grid = PreparationSettings(spacing: 6, size: [30, 36, 30])

  private func draft(_ metadata: [String: String], in folder: FilePath) throws -> (
    figures: MaskFigures, mask: [UInt8], probability: Volume<Float>
  ) {
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 3)
    let model = folder.appending("model.safetensors").string
    try writeDurably(network.parameters.safetensors(metadata: metadata), to: model)
    let scan = folder.appending("data").appending("labeled").appending("ph-0001_FLAIR.nii.gz").string
    let order = DraftOrder(
      scan: CaseReference(id: "a", subject: "a", scan: scan), model: model, preparation: Self.grid, patchSize: 16,
      threshold: 0.45, maskPath: folder.appending("m.nii.gz").string,
      probabilityPath: folder.appending("p.nii.gz").string, probability: .float32,
      latentPath: folder.appending("l.f32").string, description: "test")
    let figures = try Segmenter(models: Models(on: CPU())).draft(order) {}
    return (
      figures, try ScanFiles.image(order.maskPath).volume.values.map { UInt8($0) },
      try ScanFiles.image(folder.appending("p.nii.gz").string).volume
    )
  }

  /// One labeled phantom, of voxels of `spacing` mm, in `data`.
  private func folder(spacing: Double) throws -> TemporaryFolder {
    let folder = try TemporaryFolder("popcorn-draft-test")
    let easy = try #require(Difficulty.named("easy"))
    let cohort = PhantomCohort(
      labeled: 1, unlabeled: 0, test: 0, seed: 5, difficulty: easy, spacing: spacing, size: nil)
    _ = try PhantomFolder.write(cohort, to: folder.path.appending("data")) { _ in }
    return folder
  }

  @Test func itIsCutWhereItsModelSays() throws {
    let folder = try folder(spacing: 6)

    let silent = try draft([:], in: folder.path)
    #expect(silent.figures.threshold == 0.45 && silent.figures.smallestLesion == nil)
    #expect(silent.mask == silent.probability.values.map { $0 >= 0.45 ? 1 : 0 })

    // A threshold that cuts the untrained network's probabilities in two, and a floor of 40 voxels of 216 mm³.
    let inside = silent.probability.values.filter { $0 > 0 }.sorted()
    let threshold = Double(inside[inside.count * 9 / 10])
    let told = try draft(["threshold": "\(threshold)", "floor": "8640"], in: folder.path)
    #expect(told.figures.threshold == threshold && told.figures.smallestLesion == 8640)
    let expected = OperatingPoint(threshold: threshold, floor: 8640).mask(told.probability, voxel: 216)
    #expect(told.mask == expected.values)
    let unfloored = told.probability.values.count { Double($0) >= threshold }
    #expect(told.figures.voxelCount < unfloored && told.figures.voxelCount > 0)
  }

  /// Figures are those of the mask that is written, on the scan's own grid, which is not the network's: by a flood fill.
  @Test func figuresAreOfTheScansOwnVoxels() throws {
    let folder = try folder(spacing: 4)
    let inside = try draft([:], in: folder.path).probability.values.filter { $0 > 0 }.sorted()
    let threshold = Double(inside[inside.count * 19 / 20])
    let (figures, values, probability) = try draft(["threshold": "\(threshold)"], in: folder.path)

    let sizes = flooded(values, probability.size)
    let marked = values.indices.filter { values[$0] == 1 }
    try #require(sizes.count > 1 && marked.count < inside.count)
    #expect(figures.lesionCount == sizes.count && figures.voxelCount == marked.count)
    #expect(abs(figures.volumeMl - Double(marked.count) * 0.064) < 1e-9)
    #expect(abs(figures.largestMl - Double(try #require(sizes.max())) * 0.064) < 1e-9)
    let mean = marked.reduce(0) { $0 + Double(probability.values[$1]) } / Double(marked.count)
    #expect(abs(figures.meanProbability - mean) < 1e-6)
  }

  /// Sizes of what hangs together by faces, edges and corners.
  private func flooded(_ mask: [UInt8], _ size: GridSize) -> [Int] {
    var left = Set(mask.indices.filter { mask[$0] == 1 })
    var sizes: [Int] = []
    while let first = left.popFirst() {
      var (open, count) = ([first], 0)
      while let voxel = open.popLast() {
        count += 1
        let (x, y, z) = (voxel % size.x, voxel / size.x % size.y, voxel / (size.x * size.y))
        for next in left.filter({ other in
          let away = [other % size.x - x, other / size.x % size.y - y, other / (size.x * size.y) - z]
          return away.allSatisfy { abs($0) <= 1 }
        }) {
          left.remove(next)
          open.append(next)
        }
      }
      sizes.append(count)
    }
    return sizes
  }
}
