import Engine
import Files
import FoundationEssentials
import Popcorn
import SystemPackage
import Testing

@testable import popcorn

@Suite struct TuningTests {
  private let folder: TemporaryFolder
  private let tuning: Tuning
  private let layers: NetworkLayers

  init() throws {
    folder = try TemporaryFolder("popcorn-tuning")
    tuning = Tuning(cache: folder.path.string)
    layers = try NetworkLayers(width: 8, edge: 8)
  }

  private func table(mayContinue: () -> Bool = { true }) throws -> (ConvolutionTable, said: [String]) {
    var said: [String] = []
    let table = try tuning.table(for: layers, say: { said.append($0) }, mayContinue: mayContinue)
    return (table, said)
  }

  private func text() throws -> String { String(decoding: try BoundedReader.read(tuning.file), as: UTF8.self) }

  private func put(_ text: String) throws { try writeDurably(Array(text.utf8), to: tuning.file.string) }

  @Test func nothingIsMeasuredWhereNobodyAsked() throws {
    let (table, said) = try table()
    #expect(table == ConvolutionTable() && said.isEmpty && tuning.read() == .nothing)
  }

  @Test func whatWasMeasuredIsUsedAsItIs() throws {
    var odd = layers.complete(ConvolutionTable())
    let first = try #require(layers.layers.first)
    odd[ConvolutionTable.Key(.forward, first.shape, over: first.size)] = .winograd
    try tuning.write(odd)
    let (table, said) = try table()
    #expect(table == odd && said.isEmpty)
  }

  /// Each is ignored with one line that names the file, and made anew.
  @Test(arguments: ["", "popcorn convolutions 1", "byte", "cut", "other processor", "not text", "another ending"])
  func whatCannotBeUsedIsMeasuredAnew(_ damage: String) throws {
    try tuning.write(layers.complete(ConvolutionTable()))
    let whole = try text()
    switch damage {
    case "byte": try put(whole.replacing("direct", with: "winograd", maxReplacements: 1))
    case "cut": try put(String(whole.prefix(whole.count / 2)))
    case "other processor":
      let content = whole.replacing(Tuning.identity, with: "Pentium, generic, 1 threads").split(separator: "\n")
        .dropLast().map { $0 + "\n" }.joined()
      try put(content + "sha256 \(Digest(of: Array(content.utf8)))\n")
    case "not text": try writeDurably([0xff, 0xfe, 0, 10, 10, 10, 10], to: tuning.file.string)
    case "another ending": try put(whole + "\n")
    default: try put(damage)
    }
    let (measured, said) = try table()
    #expect(said.count == 1 && said.first?.contains(tuning.file.string) == true, "\(said)")
    #expect(measured.count == layers.complete(ConvolutionTable()).count)
    #expect(tuning.read() == .table(measured))
    #expect(try table().said == [])
  }

  @Test func aTuningOfOtherLayersIsCompleted() throws {
    let others = try NetworkLayers(width: 16, edge: 8)
    let known = others.complete(ConvolutionTable())
    try tuning.write(known)
    let (table, said) = try table()
    #expect(said.count == 1)
    #expect(table.count > known.count && others.complete(table) == known)
  }

  @Test func stoppingBetweenMeasurementsKeepsNothing() throws {
    try tuning.write(ConvolutionTable())
    var left = 5
    #expect(throws: CyclePaused.self) {
      try self.table {
        left -= 1
        return left > 0
      }
    }
    #expect(left == 0 && tuning.read() == .table(ConvolutionTable()))
  }

  @Test func aFolderThatCannotBeWrittenCostsALine() throws {
    let file = folder.file("no-folder")
    try writeDurably([1], to: file)
    let tuning = Tuning(cache: file)
    guard case .unusable = tuning.read() else { throw Fault(.software, "a file was read as a folder") }
    var said: [String] = []
    let table = try tuning.table(for: layers, say: { said.append($0) }, mayContinue: { true })
    #expect(table.count > 0 && said.count == 2)
  }

  /// What ENGINE measured by hand: 154 G multiply-adds a forward pass at width 24, 64³, and 17.5 G at width 8.
  @Test(arguments: [(24, 154.0), (8, 17.5)]) func aForwardPassHasItsOperations(_ width: Int, _ wanted: Double) throws {
    let layers = try NetworkLayers(width: width, edge: 64)
    let all = layers.forward().operations / 2e9
    #expect(abs(all - wanted) < 0.01 * wanted)
    #expect(abs(layers.forward(latentAlone: true).operations / 2e9 / all - 0.12) < 0.02)
    #expect(layers.layers.reduce(0) { $0 + $1.shape.weights + $1.shape.outputs } < layers.parameters)
  }
}
