import ArgumentParser
import Contract
import Engine
import Files
import Imaging
import Popcorn
import SystemPackage
import Terminal

/// `popcorn segment`: a mask of one scan.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Segment the lesions of a FLAIR scan.",
    discussion: """
      The mask has the scan's grid and geometry. How the scan is prepared is read from the model file. With --raw nothing \
      is prepared: the scan's voxels go through the network as they are, and OUT is the probability map. On a terminal \
      standard error shows how far it is.
      """)

  @Option(help: "The network, a safetensors file.")
  var model: String
  @Argument(help: "The scan, NIfTI.")
  var input: String
  @Argument(help: "The mask to write, .nii.gz.")
  var output: String
  @Option(help: "Write the lesion probability there too, .nii.gz, Float32.")
  var probability: String?
  @Option(help: "A brain mask on the scan's grid.")
  var brain: String?
  @Option(help: "Probability from which a voxel is lesion; default: the model's.")
  var threshold: Double?
  @Option(help: "Volume of the smallest lesion, mm³; what is smaller is left out. Default: the model's.")
  var floor: Double?
  @Flag(help: "No preparation: the plain mean of zero-padded windows over the scan's own voxels.")
  var raw = false
  @Option(help: "Edge of a patch, voxels; default: the model's.")
  var patch: Int?
  @Option(help: "With --raw, voxels between windows; default: half a patch.")
  var stride: Int?
  @Flag(help: "Replace what lies at OUT and at --probability.")
  var replace = false
  @Flag(help: "Print what the mask measures as JSON.")
  var json = false

  func validate() throws {
    if let threshold, !(threshold > 0 && threshold < 1) { throw ValidationError("--threshold lies between 0 and 1.") }
    if let floor, !(floor >= 0 && floor.isFinite) { throw ValidationError("--floor is a volume in mm³, 0 or more.") }
    if let patch { try NetworkOptions.check(patch: patch) }
    if let stride, stride <= 0 { throw ValidationError("--stride is at least 1.") }
    if stride != nil, !raw { throw ValidationError("--stride goes with --raw.") }
    if raw, threshold != nil || floor != nil || brain != nil {
      throw ValidationError("--threshold, --floor and --brain do not go with --raw, which makes no mask.")
    }
    if json, raw { throw ValidationError("--json does not go with --raw, which makes no mask.") }
  }

  func run() throws {
    try reportingFaults {
      let inputs = [model, input] + [brain].compactMap(\.self)
      let place = try OutputFile(image: output, besides: inputs, replacing: replace)
      let map = try probability.map { try OutputFile(image: $0, besides: inputs, replacing: replace) }
      if let map, map.isSame(as: place) { throw Fault(.usage, "OUT and --probability name one file") }
      let file = try Models.file(model)
      let use = try ModelUse(file, path: model)
      let edge = patch ?? use.patchSize
      if let stride, stride > edge {
        throw Fault(
          .usage, "--stride \(stride): between patches of \(edge) voxels some would never be seen; at most \(edge)")
      }
      let network: UNet<CPU>
      let device = CPU(convolutions: ModelUse.convolutions(of: file))
      do { network = try UNet(on: device, file: file) } catch { throw Fault(.dataError, "\(model): \(error)") }
      let progress = TileProgress()
      defer { progress.end() }
      if raw { return try segmentRaw(network, edge: edge, progress, to: [place, map].compactMap(\.self)) }

      progress.begin("preparing")
      let (prepared, header) = try prepare(use.preparation, progress)
      let segmentation = try segment(prepared, with: network, edge: edge, use.window, progress)
      network.device.releaseMemory()
      var point = use.point()
      point.threshold = threshold ?? point.threshold
      point.floor = floor ?? point.floor
      let native = NativeMask(segmentation, prepared: prepared, at: point)
      let mask = NiftiFile.encode(mask: native.mask, like: header)
      try place.write(mask)
      let written = map == nil ? nil : NiftiFile.encode(probability: native.probability, as: .float32, like: header)
      if let written { try map?.write(written) }
      guard json else { return }
      let modelDigest = Digest(of: try BoundedReader.read(FilePath(model)))
      let figures = native.figures(
        maskDigest: "\(Digest(of: mask))", probabilityDigest: written.map { "\(Digest(of: $0))" })
      let report = SegmentReport(
        mask: output, probability: probability, modelDigest: "\(modelDigest)", threshold: point.threshold,
        figures: figures, worker: .here)
      try standardOutput(report.text())
    }
  }

  private func prepare(_ settings: PreparationSettings, _ progress: TileProgress) throws -> (
    prepared: Prepared, header: GeometryHeader
  ) {
    let scan = CaseReference(id: "scan", subject: "scan", scan: input, brain: brain)
    do {
      let files = ScanFiles(settings: settings)
      let opened = try files.open(scan)
      for notice in FileNotice.texts(of: opened.notices) { progress.note(notice) }
      return (try files.prepare(opened), opened.image.header)
    } catch let rejection as Rejection {
      throw Fault(rejection, about: input)
    }
  }

  private func segment(
    _ prepared: Prepared, with network: UNet<CPU>, edge: Int, _ manner: WindowManner, _ progress: TileProgress
  ) throws -> Segmentation {
    let volume = CaseVolume(image: prepared.image, brain: prepared.brain)
    let count = SlidingWindow(network, edge: edge).tileCount(of: volume)
    var done = 0
    let window = SlidingWindow(network, edge: edge, manner: manner) {
      done += 1
      progress.segmented(done, of: manner.isMirrored ? 2 * count : count)
    }
    return try window.segment(volume)
  }

  private func segmentRaw(
    _ network: UNet<CPU>, edge: Int, _ progress: TileProgress, to places: [OutputFile]
  ) throws {
    let image = try ScanFiles.image(input)
    let result = try rawWindow(network, over: image.volume, edge: edge, stride: stride ?? edge / 2) { done, count in
      progress.segmented(done, of: count)
    }
    guard let bytes = NiftiFile.encode(probability: result, as: .float32, like: image.header) else { return }
    for place in places { try place.write(bytes) }
  }
}
