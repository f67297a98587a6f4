import Imaging
import Testing

@testable import Engine
@testable import Popcorn

@Suite struct TileCountTests {
  @Test func itIsTheNumberOfTilesThatAreShown() throws {
    let size = GridSize(40, 44, 36)
    var brain = [UInt8](repeating: 0, count: size.count)
    for voxel in brain.indices where voxel % size.x > 10 { brain[voxel] = 1 }
    let scan = CaseVolume(
      image: Volume(size: size, values: Array(repeating: 0, count: size.count)),
      brain: Volume(size: size, values: brain))
    let network = try UNet(on: Null(), shape: UNetShape(width: 8), seed: 1)
    var shown = 0
    _ = try SlidingWindow(network, edge: 16) { shown += 1 }.segment(scan)
    #expect(shown > 1)
    #expect(SlidingWindow(network, edge: 16).tileCount(of: scan) == shown)
  }
}
