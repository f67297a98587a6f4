import Contract
import Engine
import Files
import Imaging
import Phantom
import Popcorn
import SystemPackage

/// A phantom scan on the paper's grid in a folder of its own, and a network with its first weights beside it.
final class BenchmarkScan {
  let folder: TemporaryFolder
  let scan: CaseReference
  let network: UNet<CPU>
  let preparation = PreparationSettings()
  /// Bytes of the scan, packed.
  let packed: Int

  init(width: Int) throws {
    folder = try TemporaryFolder("popcorn-bench")
    network = try UNet(on: CPU(), shape: UNetShape(width: width), seed: 1)
    let size = preparation.size
    guard let middle = Difficulty.named("middle") else { throw Fault(.software, "no phantoms of middle difficulty") }
    let cohort = PhantomCohort(
      labeled: 1, unlabeled: 0, test: 0, seed: 1, difficulty: middle, spacing: preparation.spacing,
      size: GridSize(size[0], size[1], size[2]))
    _ = try PhantomFolder.write(cohort, to: folder.path.appending("cohort"))
    let path = folder.file("cohort/labeled/ph-0001_FLAIR.nii.gz")
    scan = CaseReference(id: "ph-0001", subject: "ph-0001", scan: path)
    packed = try BoundedReader.read(FilePath(path)).count
    try writeDurably(network.parameters.safetensors(metadata: ["format": "pt"]), to: model)
  }

  var model: String { folder.file("model.safetensors") }

  /// The scan as the network sees it.
  func prepared() throws -> CaseVolume {
    let (prepared, _) = try ScanFiles(settings: preparation).prepare(scan)
    return CaseVolume(image: prepared.image, brain: prepared.brain)
  }
}

/// A mask and a probability map of a whole scan, from the packed file to both on disk, as the service makes a draft.
final class WholeScanBenchmark: Benchmark {
  private let scan: BenchmarkScan
  private let models: Models
  private let edge: Int
  let work: Work
  let tiles: Int

  init(_ scan: BenchmarkScan, edge: Int) throws {
    self.scan = scan
    self.edge = edge
    models = Models(on: scan.network.device)
    tiles = SlidingWindow(scan.network, edge: edge).tileCount(of: try scan.prepared())
    work = tiles * (try NetworkLayers(width: scan.network.shape.width, edge: edge).forward())
  }

  func run() throws {
    let folder = scan.folder
    let order = DraftOrder(
      scan: scan.scan, model: scan.model, preparation: scan.preparation, patchSize: edge, threshold: 0.5,
      maskPath: folder.file("mask.nii.gz"), probabilityPath: folder.file("probability.nii.gz"), probability: .float32,
      latentPath: folder.file("latent.f32"), description: "popcorn bench")
    _ = try Segmenter(models: models, cache: nil).draft(order) {}
  }
}

/// The latent of a whole scan, by the encoder alone.
final class LatentBenchmark: Benchmark {
  private let window: SlidingWindow<CPU>
  private let volume: CaseVolume
  let work: Work
  let tiles: Int

  init(_ scan: BenchmarkScan, edge: Int) throws {
    window = SlidingWindow(scan.network, edge: edge)
    volume = try scan.prepared()
    tiles = window.embeddedTileCount(of: volume)
    work = tiles * (try NetworkLayers(width: scan.network.shape.width, edge: edge).forward(latentAlone: true))
  }

  func run() throws { _ = try window.embed(volume) }
}
