// swift-tools-version: 6.1
import PackageDescription

// Numbers are crunched in these targets: optimised in debug builds too, because an
// unoptimised loop over a span is some eighty times slower and tests would crawl.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]
let numeric = strict + optimised

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let parser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A target of the house, at its floor: it can import only what stands below it.
func floor(_ name: String, at path: String, on below: [Target.Dependency] = [], settings: [SwiftSetting] = strict)
  -> Target
{
  .target(name: name, dependencies: below, path: path, swiftSettings: settings)
}

func program(_ name: String, on below: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: below + ["Terminal", parser],
    path: "Sources/\(name)", swiftSettings: strict)
}

func tests(
  _ name: String, of below: [Target.Dependency], excluding scripts: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: below, path: "Tests/\(name)Tests", exclude: scripts, resources: resources,
    swiftSettings: strict)
}

let package = Package(
  name: "popcornd",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Everything with a pointer in it.
    .systemLibrary(name: "CPlatform", path: "Sources/C/CPlatform"),
    .target(name: "CLinux", path: "Sources/C/CLinux"),
    .target(name: "CToml", path: "Sources/C/CToml"),
    .target(
      name: "CNifti", path: "Sources/C/CNifti",
      linkerSettings: [.linkedLibrary("niftiio")]),
    .target(
      name: "COneDNN", path: "Sources/C/COneDNN",
      cSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "CKernels", path: "Sources/C/CKernels",
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno"])],
      linkerSettings: [.unsafeFlags(["-l:libgomp.so.1"]), .linkedLibrary("m")]),

    // The ground.
    floor("Contract", at: "Sources/Core/Contract"),
    floor("Files", at: "Sources/Core/Files", on: [system, "CLinux", "CPlatform"]),
    floor("Engine", at: "Sources/Core/Engine", on: ["COneDNN", "CKernels", "CPlatform"], settings: numeric),

    // What stands on it.
    floor("Configuration", at: "Sources/Core/Configuration", on: ["Contract", "CToml"]),
    floor("Imaging", at: "Sources/Core/Imaging", on: ["Contract", "Files", "CNifti", "CPlatform"], settings: numeric),
    floor("Watch", at: "Sources/Watch", on: ["Contract", "Files", system]),
    floor("Ledger", at: "Sources/Core/Ledger", on: ["Contract", "Files", "CPlatform"]),
    floor(
      "Processes", at: "Sources/Processes",
      on: ["Configuration", "Contract", "Files", "CLinux", system]),
    .target(
      name: "Terminal",
      dependencies: ["Contract", "Files", system, parser],
      path: "Sources/Core/Terminal", swiftSettings: strict),
    floor("Evaluation", at: "Sources/Core/Evaluation", on: ["Imaging"], settings: numeric),
    floor("Phantom", at: "Sources/Core/Phantom", on: ["Imaging"], settings: numeric),
    floor("Study", at: "Sources/Core/Study", on: ["Contract", "Evaluation"]),
    floor("Popcorn", at: "Sources/Core/Popcorn", on: ["Engine", "Imaging", "Contract"], settings: numeric),

    // The programs.
    program(
      "popcorn",
      on: [
        "Popcorn", "Engine", "Study", "Evaluation", "Phantom", "Processes", "Watch", "Imaging", "Files", "Contract",
        "CLinux", system,
      ]),
    program("popcorn-admit", on: ["Imaging", "Files", "Contract", "CLinux", "CPlatform", system]),
    program(
      "popcornd",
      on: [
        "Watch", "Ledger", "Processes", "Configuration", "Contract", "Files", "CPlatform", "CLinux", system,
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    program(
      "popcornctl",
      on: ["Watch", "Ledger", "Processes", "Configuration", "Contract", "Files", system]),

    .target(name: "RefusedCalls", dependencies: ["CPlatform"], path: "Tests/RefusedCalls", swiftSettings: strict),
    tests("Architecture", of: []),
    tests("Engine", of: ["Engine"], excluding: ["Golden"]),
    tests("Files", of: ["Files", "CLinux", "RefusedCalls", system]),
    tests("Watch", of: ["Watch", "Contract", "Files", "RefusedCalls", system]),
    tests("Ledger", of: ["Ledger", "Files", "Contract", "RefusedCalls", system]),
    tests("Popcorn", of: ["Popcorn", "Engine", "Imaging", "Contract"], excluding: ["Golden"]),
    tests("Contract", of: ["Contract"]),
    tests("Configuration", of: ["Configuration", "Contract"]),
    tests("Imaging", of: ["Imaging", "Files", "Contract", system]),
    tests("popcorn-admit", of: ["Imaging", "Files", "Contract", "popcorn-admit", system]),
    tests("Evaluation", of: ["Evaluation", "Imaging", "Contract"], excluding: ["make_golden.py"]),
    tests("Study", of: ["Study", "Evaluation", "Contract"], excluding: ["make_golden.py"]),
    tests("Phantom", of: ["Phantom", "Imaging", "Files", system]),
    tests(
      "Worker",
      of: ["popcorn", "Popcorn", "Phantom", "Study", "Evaluation", "Watch", "Imaging", "Contract", "Files", system]),
    tests(
      "popcornd", of: ["popcornd", "Processes", "Contract", "Files", "Ledger", "Configuration", "Watch", system],
      resources: [.copy("Fixtures")]),
  ],
  cxxLanguageStandard: .cxx17
)
