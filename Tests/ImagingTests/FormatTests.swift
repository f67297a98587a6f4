import Contract
import Testing

@testable import Imaging

@Suite struct FormatTests {
  @Test func everyDatatypeReadsAsNibabelReadsIt() throws {
    let cases = try Fixtures.read("datatypes", as: [Fixtures.Datatype].self)
    #expect(cases.count == 80)
    for fixture in cases {
      let image = try NiftiFile.decode(Array(fixture.file))
      #expect(image.volume.size.list == fixture.size, "\(fixture.name)")
      #expect(image.volume.values == fixture.values.floats, "\(fixture.name)")
      for (own, theirs) in zip(image.geometry.affine, fixture.affine) {
        #expect(abs(own - theirs) < 1e-6, "\(fixture.name)")
      }
    }
  }

  @Test func everyGeometryIsPlacedAsNibabelPlacesIt() throws {
    for fixture in try Fixtures.read("geometries", as: [Fixtures.Geometry].self) {
      let image = try NiftiFile.decode(Array(fixture.file))
      for (own, theirs) in zip(image.geometry.affine, fixture.affine) {
        #expect(abs(own - theirs) < 1e-3, "\(fixture.name): \(image.geometry.affine) for \(fixture.affine)")
      }
      // Beyond 45 degrees there is no right answer, and nibabel's differs.
      let spacing = image.geometry.spacing
      let cosines = (0..<3).map { axis in
        (0..<3).map { abs(image.geometry.affine[4 * $0 + axis] / spacing[axis]) }.max()
      }
      if cosines.allSatisfy({ $0 ?? 0 > 0.75 }) {
        #expect(AxisOrder(of: image.geometry).codes == fixture.codes, "\(fixture.name)")
      }
    }
  }

  @Test func aMaskCarriesTheGeometryBytesOfItsScan() throws {
    var header = TestHeader()
    header.put(float: 0.123_456_7, at: 256)
    header.put(Int16(2), at: 252)
    header.bytes.put(text: "DOE^JOHN", at: 148, count: 80)
    header.bytes.put(text: "secret", at: 228, count: 24)
    let image = try NiftiFile.decode(header.file())
    let mask = Volume<UInt8>(size: image.volume.size, repeating: 1)
    let packed = NiftiFile.encode(mask: mask, like: image.header, description: "popcornd gen-0007 PSN7Q2M4K5TBA")
    let written = try unpacked(packed)
    for range in [40..<48, 76..<92, 252..<328, 123..<124] {
      #expect(Array(written[range]) == Array(header.bytes[range]), "\(range)")
    }
    #expect(Array(written[70..<74]) == [2, 0, 8, 0])
    #expect(Array(written[68..<70]) == [0xea, 0x03])
    #expect(written[228..<252].allSatisfy { $0 == 0 })
    #expect(String(decoding: written[148..<179], as: UTF8.self) == "popcornd gen-0007 PSN7Q2M4K5TBA")
    #expect(Array(packed[3..<8]) == [0, 0, 0, 0, 0], "no name, no time")
    #expect(packed == NiftiFile.encode(mask: mask, like: image.header, description: "popcornd gen-0007 PSN7Q2M4K5TBA"))
  }

  @Test func whatWeWriteWeRead() throws {
    var dice = Dice(seed: 7)
    let size = GridSize(5, 4, 3)
    let geometry = GridGeometry(size: size.list, affine: [0, -2, 0, 5, 1.5, 0, 0, -7, 0, 0, 3, 11])
    let image = Image(
      volume: Volume(size: size, values: (0..<60).map { _ in Float(dice.roll(1000)) / 999 }), geometry: geometry)
    let scan = try NiftiFile.decode(NiftiFile.encode(scan: image.volume, like: image.header))
    #expect(scan.volume == image.volume)
    #expect(scan.geometry == geometry)
    for (kind, tolerance) in [(ProbabilityKind.float32, Float(0)), (.uint8, 0.5 / 255 + 1e-6)] {
      let packed = try #require(NiftiFile.encode(probability: image.volume, as: kind, like: image.header))
      let read = try NiftiFile.decode(packed)
      #expect(zip(read.volume.values, image.volume.values).allSatisfy { abs($0 - $1) <= tolerance })
    }
    #expect(NiftiFile.encode(probability: image.volume, as: .none, like: image.header) == nil)
  }

  @Test func aLongDimensionIsWrittenAsNiftiTwo() throws {
    let size = GridSize(32768, 1, 1)
    let geometry = GridGeometry(size: size.list, affine: [0.1, 0, 0, 1.0 / 3, 0, 1, 0, 0, 0, 0, 1, 0])
    let image = Image(volume: Volume(size: size, repeating: 1), geometry: geometry)
    let packed = NiftiFile.encode(scan: image.volume, like: image.header)
    #expect(try unpacked(packed)[0...1].elementsEqual([0x1c, 0x02]))
    #expect(try NiftiFile.decode(packed).volume == image.volume)
  }

  private func unpacked(_ packed: [UInt8]) throws -> [UInt8] {
    try packed.withUnsafeBufferPointer { buffer in
      Result { try Gzip.unpack(buffer, needed: 0, capacity: 1 << 20) }
    }.get().content
  }
}
