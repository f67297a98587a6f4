import Files
import Imaging
import SystemPackage

/// A packed scan unpacked into voxels.
final class DecodeBenchmark: Benchmark {
  private let bytes: [UInt8]
  let work: Work

  init(_ scan: BenchmarkScan) throws {
    bytes = try BoundedReader.read(FilePath(scan.scan.scan))
    work = Work(bytes: Double(4 * scan.preparation.size.reduce(1, *)))
  }

  func run() throws { _ = try NiftiFile.decode(bytes) }
}

/// A scan's voxels packed.
final class EncodeBenchmark: Benchmark {
  private let image: Image
  let work: Work

  init(_ scan: BenchmarkScan) throws {
    image = try ScanFiles.image(scan.scan.scan)
    work = Work(bytes: Double(4 * image.volume.size.count))
  }

  func run() throws { _ = NiftiFile.encode(scan: image.volume, like: image.header) }
}
