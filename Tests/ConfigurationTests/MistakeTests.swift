import Contract
import Testing

@testable import Configuration

@Suite struct MistakeTests {
  /// Each kind of mistake with the line that a person reads.
  static let table: [(text: String, expected: [String])] = [
    (
      "[popcorn]\n\n# K\ntrigger_arivals = 3",
      ["F:4: popcorn.trigger_arivals: unknown key; did you mean trigger_arrivals?"]
    ),
    ("[popcorn]\nTriggerArrivals = 3", ["F:2: popcorn.TriggerArrivals: unknown key; did you mean trigger_arrivals?"]),
    ("[inbox]\nthreshold = 0.5", ["F:2: inbox.threshold: unknown key; did you mean threshold in [popcorn]?"]),
    ("[popcorn]\nfrobnicate = 1", ["F:2: popcorn.frobnicate: unknown key"]),
    ("\nwidth = 8\n", ["F:2: width: stands outside of every section; did you mean width in [popcorn]?"]),
    ("\n[[popcorn]]\nwidth = 8\n", ["F:2: popcorn: is a section and is written [popcorn]"]),
    ("popcorn = 3\n", ["F:1: popcorn: is a section and is written [popcorn]"]),
    ("[Popcorn]\nwidth = 8\n", ["F:1: [Popcorn]: unknown section; did you mean [popcorn]?"]),
    ("[resource]\nthreads = 8\n", ["F:1: [resource]: unknown section; did you mean [resources]?"]),
    (
      "[kernel]\nx = 8\n",
      [
        "F:1: [kernel]: unknown section; sections are inbox, accept, popcorn, resources, output, state, run, log, metrics"
      ]
    ),
    (
      "[output]\nsubject_names = \"keep\"\nqc = [\"png\"]\n[log]\nfile_names = \"hash\"\n",
      [
        "F:2: output.subject_names: expected \"pseudonym\", the only value that this version has; found a string: \"keep\"",
        "F:3: output.qc: expected [], the only value that this version has; found a list: [\"png\"]",
        "F:5: log.file_names: expected \"no\", the only value that this version has; found a string: \"hash\"",
      ]
    ),
    (
      "[popcorn]\nwidth = \"8\"\n",
      ["F:2: popcorn.width: expected a whole number from 8 to 64, a multiple of 8; found a string: \"8\""]
    ),
    (
      "[popcorn]\nwidth = 12\n",
      ["F:2: popcorn.width: expected a whole number from 8 to 64, a multiple of 8; found an integer: 12"]
    ),
    (
      "[popcorn]\npatch_size = 60\n",
      ["F:2: popcorn.patch_size: expected a whole number from 16 to 128, a multiple of 8; found an integer: 60"]
    ),
    (
      "[popcorn]\nthreshold = 1.5\n",
      ["F:2: popcorn.threshold: expected a number from 0.01 to 0.99; found a real number: 1.5"]
    ),
    (
      "[inbox]\nrescan = 300\n",
      [
        "F:2: inbox.rescan: expected a duration with its unit such as \"5min\" or \"1h 30min\", 1s to 1d; found an integer: 300"
      ]
    ),
    (
      "[inbox]\nrescan = \"5 lightyears\"\n",
      [
        "F:2: inbox.rescan: expected a duration with its unit such as \"5min\" or \"1h 30min\", 1s to 1d; found a string: \"5 lightyears\""
      ]
    ),
    (
      "[inbox]\npath = \"/a\"\n",
      ["F:2: inbox.path: expected a list of absolute paths such as [\"/srv/popcornd/inbox\"]; found a string: \"/a\""]
    ),
    (
      "[state]\npath = \"state\"\n",
      [
        "F:2: state.path: expected an absolute path such as \"/srv/popcornd\", without ..; found a string: \"state\""
      ]
    ),
    (
      "[accept]\npersonal_data = \"no\"\n",
      ["F:2: accept.personal_data: expected one of \"hold\", \"warn\", \"ignore\"; found a string: \"no\""]
    ),
    (
      "[inbox]\nrequire_marker = \"yes\"\n",
      ["F:2: inbox.require_marker: expected true or false; found a string: \"yes\""]
    ),
    (
      "[popcorn.width]\nx = 1\n",
      ["F:1: popcorn.width: expected a whole number from 8 to 64, a multiple of 8; found a table"]
    ),
    (
      "[popcorn]\nreference_size = [32, 32, 32]\n",
      ["F:2: popcorn.reference_size: a patch of 64 voxels does not fit into a reference grid of [32, 32, 32]"]
    ),
    (
      "[popcorn]\npatch_size = 128\nreference_spacing = 2\n\nreference_size = [91, 109, 91]",
      ["F:5: popcorn.reference_size: a patch of 128 voxels does not fit into a reference grid of [91, 109, 91]"]
    ),
    (
      "[inbox]\nsubject_pattern = \"*_x\"\n",
      ["F:2: inbox.subject_pattern: has no {subject} in it, so it names nobody"]
    ),
    (
      "[inbox]\npath = [\"/nowhere/s\"]\n[output]\npath = \"/nowhere/s/outbox\"\nstatus = \"/nowhere/t\"\n",
      [
        "F:4: output.path: LOOP: the inbox /nowhere/s and /nowhere/s/outbox are one folder or lie in each other, also through links"
      ]
    ),
  ]

  @Test(arguments: table.indices) func mistakeNamesItsLine(_ index: Int) {
    #expect(mistakes(MistakeTests.table[index].text) == MistakeTests.table[index].expected)
  }

  @Test func syntaxErrorHasItsLine() throws {
    let found = mistakes("[popcorn]\nwidth = 8\nseed = = 3\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("F:3: this is not TOML: ") == true)
  }

  /// Texts that trip the parser's own assertions.
  @Test(arguments: ["[{", "[popcorn]\nwidth = [}", "[popcorn]\n= 1"]) func brokenTextIsAMistakeLikeAnyOther(
    text: String
  ) {
    let found = mistakes(text)
    #expect(found.count == 1 && found[0].contains(": this is not TOML: "))
  }

  @Test func keyTwiceIsAMistake() {
    let found = mistakes("[popcorn]\nseed = 1\nseed = 2\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("F:3: this is not TOML: ") == true)
  }

  @Test func nulByteIsAMistake() {
    #expect(mistakes("[popcorn]\nseed = 1\0\n") == ["F:2: a NUL byte; this is no text file"])
  }

  /// All of all files, in order.
  @Test func everyMistakeIsCollected() {
    do {
      _ = try Settings.load([
        ConfigurationText(file: "A", text: "[popcorn]\nwidth = 9\n[outputs]\n[inbox]\nscan = 1\nsettle = 2\n"),
        ConfigurationText(file: "B", text: "x\n"),
        ConfigurationText(file: "C", text: "[popcorn]\nseed = -1\n"),
      ])
      Issue.record("must throw")
    } catch {
      #expect(error.mistakes.map { "\($0.file ?? ""):\($0.line ?? 0)" } == ["A:2", "A:3", "A:5", "A:6", "B:1", "C:2"])
    }
  }
}
