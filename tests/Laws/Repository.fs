/// Where the checkout lies, and what projects it holds.
module Functional.Laws.Repository

open System
open System.IO
open System.Xml.Linq

/// The folder that holds the solution, found upwards from the running program.
let root =
    let rec climb (folder: DirectoryInfo | null) =
        match folder with
        | null -> invalidOp "Functional.sln is in no folder above the tests"
        | here when File.Exists(Path.Combine(here.FullName, "Functional.sln")) -> here.FullName
        | here -> climb here.Parent

    climb (DirectoryInfo AppContext.BaseDirectory)

/// A project file: its path from the root, its name, and the names of the projects it refers to.
type Project = { Path: string; Name: string; Uses: string list }

/// The file's name without folders and extension, for paths written with either separator.
let projectName (path: string) =
    let file = path.Replace('\\', '/').Split('/') |> Array.last
    file.Substring(0, file.LastIndexOf '.')

/// Reads a project from its path (from the root) and its text.
let parse path (text: string) =
    { Path = path
      Name = projectName path
      Uses =
        [ for element in (XDocument.Parse text).Descendants() do
              if element.Name.LocalName = "ProjectReference" then
                  match element.Attribute(XName.Get "Include") with
                  | null -> ()
                  | included -> projectName included.Value ] }

let private generated = set [ "bin"; "obj"; "artifacts"; "packages"; "paket-files"; ".git" ]

let rec private files folder = seq {
    yield! Directory.EnumerateFiles folder

    for inner in Directory.EnumerateDirectories folder do
        if not (generated.Contains(projectName (inner + ".folder"))) then
            yield! files inner
}

/// Every project of the repository.
let projects =
    lazy
        [ for path in files root do
              if path.EndsWith ".fsproj" || path.EndsWith ".csproj" then
                  parse (Path.GetRelativePath(root, path).Replace('\\', '/')) (File.ReadAllText path) ]
