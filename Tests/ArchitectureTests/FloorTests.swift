import FoundationEssentials
import Glibc
import Testing

/// The house: which target may import which. The compiler lets through what a dependency brings along, and
/// `import Foundation`; this test does not.
@Suite struct FloorTests {
  /// What each folder under Sources may import of ours. What is not listed here does not exist.
  static let floors: [String: Set<String>] = [
    "Core/Contract": [],
    "Core/Files": ["CLinux", "CCrypto"],
    "Core/Engine": ["COneDNN", "CKernels", "COpenBLAS"],
    "Core/Configuration": ["Contract", "CToml"],
    "Core/Imaging": ["Contract", "Files", "CNifti", "CDeflate"],
    "Core/Ledger": ["Contract", "Files", "CLinux", "CSQLite"],
    "Core/Terminal": ["Contract", "Files"],
    "Core/Evaluation": ["Imaging", "Contract"],
    "Core/Phantom": ["Imaging", "Contract", "Files"],
    "Core/Study": ["Contract", "Evaluation"],
    "Core/Popcorn": ["Engine", "Imaging", "Contract"],
    "Watch": ["Contract", "Files"],
    "popcorn": [
      "Popcorn", "Engine", "Study", "Evaluation", "Phantom", "Processes", "Watch", "Imaging", "Files", "Contract",
      "Terminal", "CLinux",
    ],
    "popcorn-admit": ["Terminal", "Imaging", "Files", "Contract", "CLinux", "CSeccomp"],
    "Processes": ["Configuration", "Contract", "Files", "CLinux"],
    "popcornd": [
      "Terminal", "Watch", "Ledger", "Processes", "Configuration", "Contract", "Files", "CLinux", "CSystemd",
    ],
    "popcornctl": ["Terminal", "Watch", "Ledger", "Processes", "Configuration", "Contract", "Files"],
  ]

  /// Modules of others, and who may use them. Everyone may use the standard library's.
  static let foreign: [String: Set<String>] = [
    "ArgumentParser": ["Core/Terminal", "popcorn", "popcorn-admit", "popcornd", "popcornctl"],
    "Logging": ["popcornd"],
    "ServiceLifecycle": ["popcornd"],
    "UnixSignals": ["popcornd"],
    "SystemPackage": [
      "Core/Files", "Core/Ledger", "Core/Phantom", "Core/Terminal", "Processes", "Watch", "popcorn",
      "popcorn-admit", "popcornd", "popcornctl",
    ],
  ]
  static let standard: Set<String> = ["Glibc", "FoundationEssentials", "Synchronization", "Dispatch"]

  @Test(arguments: floors.keys.sorted())
  func importsOnlyWhatStandsBelow(folder: String) throws {
    let allowed = try #require(Self.floors[folder])
    for file in try swiftFiles(in: folder) {
      for module in imports(of: file) {
        let isOurs = allowed.contains(module)
        let isForeign = Self.foreign[module]?.contains(folder) == true
        #expect(isOurs || isForeign || Self.standard.contains(module), "\(folder) imports \(module) in \(file)")
      }
    }
  }

  @Test func everySourceFolderIsInTheTable() throws {
    let inCore = try FileManager.default.contentsOfDirectory(atPath: sources + "/Core").map { "Core/" + $0 }
    let beside = try FileManager.default.contentsOfDirectory(atPath: sources).filter {
      !["Core", "C", "popcorn-watch"].contains($0)
    }
    #expect(Set(inCore + beside) == Set(Self.floors.keys))
  }

  /// Rules that hold everywhere in Sources: no crash on purpose, nothing half done.
  @Test func nothingIsHalfDone() throws {
    for folder in Self.floors.keys {
      for file in try swiftFiles(in: folder) {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for word in ["fatalError(", "TODO", "FIXME", "try!", "as!"] {
          #expect(!text.contains(word), "\(file) has \(word)")
        }
      }
    }
  }

  /// Full Foundation brings 45 MB of ICU's tables into each static program. One import of it, in whatever package, is
  /// enough; a debug build shows it among the libraries that a program needs.
  @Test(arguments: ["popcornd", "popcornctl", "popcorn", "popcorn-admit"])
  func noProgramNeedsFullFoundation(program: String) throws {
    let products = CommandLine.arguments[0].split(separator: "/").dropLast().joined(separator: "/")
    let pipe = try #require(popen("ldd '/\(products)/\(program)'", "r"))
    var libraries = ""
    while let letter = UInt8(exactly: fgetc(pipe)) { libraries.unicodeScalars.append(Unicode.Scalar(letter)) }
    #expect(pclose(pipe) == 0)
    #expect(libraries.contains("libFoundationEssentials.so"))
    #expect(!libraries.contains("libFoundation.so") && !libraries.contains("ICU"), "\(libraries)")
  }

  private var sources: String {
    let here = #filePath.split(separator: "/").dropLast(3)
    return "/" + here.joined(separator: "/") + "/Sources"
  }

  private func swiftFiles(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: sources + "/" + folder)
      .filter { $0.hasSuffix(".swift") }
      .map { sources + "/" + folder + "/" + $0 }
  }

  /// The modules a file imports, without attributes, access levels and kinds of declarations.
  private func imports(of file: String) -> [String] {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init).filter { !$0.hasPrefix("@") }
      guard let position = words.firstIndex(of: "import"), position <= 1 else { return nil }
      guard position == 0 || ["public", "internal", "private", "package"].contains(words[0]) else { return nil }
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let named = words.dropFirst(position + 1).first { !kinds.contains($0) }
      return named.map { String($0.split(separator: ".")[0]) }
    }
  }
}
