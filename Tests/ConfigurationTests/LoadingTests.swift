import Contract
import Testing

@testable import Configuration

func load(_ text: String, file: String = "/x/popcornd.toml") throws -> Settings {
  try Settings.load([ConfigurationText(file: file, text: text)])
}

func mistakes(_ text: String) -> [String] {
  do {
    _ = try load(text, file: "F")
    return []
  } catch {
    return (error as? ConfigurationFailure)?.mistakes.map(\.description) ?? ["\(error)"]
  }
}

@Suite struct LoadingTests {
  @Test func emptyFileGivesDefaults() throws {
    let settings = try load("")
    #expect(settings == Settings())
    // The paper's, but for the recipe.
    var paper = settings.training
    paper.recipe = TrainingSettings().recipe
    #expect(settings.training.recipe == "improved" && paper == TrainingSettings())
    #expect(settings.preparation == PreparationSettings())
  }

  /// A constant that the recipe sets counts before its own key, for the queue as for the cycle.
  @Test func theRecipeSaysHowManyNeighbours() throws {
    #expect(try load("[popcorn]\nneighbours = 3").neighbours == 3)
    #expect(try load("[popcorn]\nneighbours = 3\nrecipe = \"improved+neighbours=7\"").neighbours == 7)
  }

  @Test func valuesAreTyped() throws {
    let settings = try load(
      """
      [inbox]
      path = ["/a/inbox/", "/b//inbox"]
      rescan = "1h 30min"
      ignore = ["*.log"]
      [accept]
      max_file_size = "1.5G"
      max_voxels = 2000000
      lesion_values = [1, 2]
      [popcorn]
      width = 8
      reference_size = [91, 109, 91]
      reference_spacing = 2
      patch_size = 32
      train_share = "25%"
      strategy = "popcorn-no-graph"
      recipe = "improved+contrast"
      [resources]
      threads = 2
      memory_budget = "8G"
      train_window = "19:00-06:00"
      [run]
      worker = ["srun", "popcorn", "worker"]
      worker_socket = "/run/w.sock"
      """)
    #expect(settings.inbox.path == ["/a/inbox", "/b/inbox"])
    #expect(settings.inbox.rescan == .seconds(5400))
    #expect(settings.inbox.ignore == ["*.log"])
    #expect(settings.accept.maxFileSize == 3 << 29)
    #expect(settings.accept.maxVoxels == 2_000_000)
    #expect(settings.accept.lesionValues == [1, 2])
    #expect(settings.training.width == 8)
    #expect(settings.training.strategy == "popcorn-no-graph")
    #expect(settings.training.recipe == "improved+contrast")
    #expect(settings.training.trainShare == 0.25)
    #expect(settings.preparation == PreparationSettings(spacing: 2, size: [91, 109, 91]))
    #expect(settings.resources.threads == .count(2))
    #expect(settings.resources.memoryBudget == .bytes(8 << 30))
    #expect(settings.resources.trainWindow == TrainWindow(start: 19 * 60, end: 6 * 60))
    #expect(settings.run.worker == ["srun", "popcorn", "worker"])
    #expect(settings.run.workerSocket == .path("/run/w.sock"))
    #expect(settings.popcorn.neighbours == 5)
  }

  @Test func laterFilesWinKeyByKey() throws {
    let settings = try Settings.load([
      ConfigurationText(file: "A", text: "[popcorn]\nneighbours = 3\nseed = 1\n"),
      ConfigurationText(file: "B", text: "# more\n[popcorn]\nseed = 2\n"),
    ])
    let keys = ConfigurationKeys.table.popcorn
    #expect(settings.popcorn.neighbours == 3)
    #expect(settings.popcorn.seed == 2)
    #expect(settings.origin(of: keys.neighbours) == .file("A", line: 2))
    #expect(settings.origin(of: keys.seed) == .file("B", line: 3))
    #expect(settings.origin(of: keys.width) == .standard)
    #expect(settings.isChanged(keys.seed))
    #expect(!settings.isChanged(keys.width))
  }

  @Test func windowCanBeTakenBack() throws {
    let settings = try Settings.load([
      ConfigurationText(file: "A", text: "[resources]\ntrain_window = \"19:00-06:00\"\n"),
      ConfigurationText(file: "B", text: "[resources]\ntrain_window = \"\"\n"),
    ])
    #expect(settings.resources.trainWindow == nil)
    #expect(settings.origin(of: ConfigurationKeys.table.resources.trainWindow) == .file("B", line: 2))
  }

  @Test func studyHasItsOwnPlaces() throws {
    let settings = try Settings.load([], instance: "lesions")
    #expect(settings.instance == "lesions")
    #expect(settings.state.path == "/var/lib/popcornd/studies/lesions")
    #expect(settings.inbox.path == ["/srv/popcornd/lesions/inbox"])
    #expect(settings.statusDirectory == "/srv/popcornd/lesions/status")
    #expect(settings.run.workerSocket == .path("/run/popcornd/worker.sock"))
    #expect(ConfigurationFiles.instance(of: "/etc/popcornd/lesions.toml") == "lesions")
    #expect(ConfigurationFiles.instance(of: "/etc/popcornd/popcornd.toml") == nil)
    #expect(ConfigurationFiles.instance(of: "/home/me/lesions.toml") == nil)
  }

  @Test func programCanSetValues() {
    var settings = Settings()
    settings.popcorn.width = 8
    settings.state.path = "/tmp/state"
    #expect(settings.training.width == 8)
    #expect(settings.state.path == "/tmp/state")
    #expect(settings.origin(of: ConfigurationKeys.table.popcorn.width) == .program)
  }

  @Test func foldersBesideTheInbox() throws {
    let settings = try load("[inbox]\npath = [\"/s/in\"]\n[output]\npath = \"/o/outbox\"\nrejected = \"/r\"\n")
    #expect(settings.doneDirectory(of: "/s/in") == "/s/done")
    #expect(settings.rejectedDirectory(of: "/s/in") == "/r")
    #expect(settings.statusDirectory == "/o/status")
  }

  @Test func reloadTakesWhatMayChange() throws {
    let running = try load("[popcorn]\ntrain_share = 0.5\nwidth = 8\n")
    let edited = try load("[popcorn]\ntrain_share = 0.8\nwidth = 16\n[state]\npath = \"/elsewhere\"\n")
    let (settings, pending) = running.reloaded(with: edited)
    #expect(settings.popcorn.trainShare == 0.8)
    #expect(settings.popcorn.width == 8)
    #expect(pending.map(\.row.path) == ["popcorn.width", "state.path"])
    #expect(pending.map(\.row.change) == [.study, .restart])
    #expect(running.differences(to: edited).first?.description == "popcorn.width: 8 -> 16")
  }
}
