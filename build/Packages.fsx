/// Packages: portable assemblies, the same compiled ahead of time for some kinds of machine, and programs that show both at work.
module Packages

#load "Commands.fsx"

open System
open System.IO
open Commands

/// The projects that ship: what stands under src.
let shipping () =
    [ "*.fsproj"; "*.csproj" ]
    |> List.collect (fun pattern -> Directory.EnumerateFiles(under [ "src" ], pattern, SearchOption.AllDirectories) |> Seq.toList)
    |> List.sort

/// The kinds of machine that get native images. One compiler makes all of them; other machines run the portable assemblies.
let private machines = [ "linux-x64"; "linux-arm64"; "win-x64"; "osx-arm64" ]

let private quiet = [ "-c"; "Release"; "--nologo"; "-v"; "quiet"; "-nodeReuse:false" ]

let private emptied folder =
    if Directory.Exists folder then
        Directory.Delete(folder, true)

    Directory.CreateDirectory folder |> ignore
    folder

/// Compiles what was built ahead of time for one kind of machine, and lays it down where the packages will have it.
let private compileFor images machine =
    say $"native images for {machine}"
    let published = emptied (under [ "artifacts"; "native"; machine ])
    dotnet ([ "publish"; "build/Native"; "-r"; machine; "-o"; published; "-clp:NoSummary" ] @ quiet)
    let target = Directory.CreateDirectory(Path.Combine(images, machine, "lib", "net10.0")).FullName

    for project in shipping () do
        let name = Path.GetFileNameWithoutExtension project + ".dll"

        // What does not ship is not among them.
        if File.Exists(Path.Combine(published, name)) then
            File.Copy(Path.Combine(published, name), Path.Combine(target, name))

/// A script can name a package source by its full path only, so the path is written beside the packages and the script loads it.
let private writeScript packages script =
    File.WriteAllLines(script, [ $"#i \"\"\"nuget: {packages}\"\"\""; "#r \"nuget: Functional.Core, 0.1.0\"" ])

/// NuGet keeps what it unpacked once by version, so a package made again under the same version would not be seen.
let private forgetCached (package: string) =
    let name, version =
        match package.IndexOf ".0." with
        | -1 -> package, ""
        | dot -> package.Substring(0, dot), package.Substring(dot + 1)

    let home = Environment.GetFolderPath Environment.SpecialFolder.UserProfile
    let cached = Path.Combine(home, ".nuget", "packages", name.ToLowerInvariant(), version)

    if version <> "" && Directory.Exists cached then
        Directory.Delete(cached, true)

/// Packages of what was built, with native images where a folder of them is given.
let private packInto folder (images: string option) projects =
    let withImages = images |> Option.map (fun images -> $"-p:NativeImages={images}") |> Option.toList

    for project in projects do
        dotnet ([ "pack"; project; "--no-build"; "-o"; folder ] @ withImages @ quiet)

/// A program that knows only the packages: how long it takes to its first gradient, and by which image.
let private coldStart expected =
    dotnet ([ "build"; "build/ColdStart"; "-clp:NoSummary" ] @ quiet)
    let said = quietly "dotnet" [ program "build/ColdStart" "Functional.ColdStart" ]
    printf $"{said}"

    if not (said.Contains $"{expected} image of Functional.Core") then
        raise (CommandFailed($"the program over the packages: {said.Trim()}, but expected the {expected} image", 1))

/// With --portable without native images, which need a compiler from NuGet.
let pack arguments =
    restore ()

    for project in shipping () do
        dotnet ([ "build"; project; "-clp:NoSummary" ] @ quiet)

    let images =
        if List.contains "--portable" arguments then
            None
        else
            let images = emptied (under [ "artifacts"; "native"; "runtimes" ])
            machines |> List.iter (compileFor images)
            Some images

    let folder = emptied (under [ "artifacts"; "packages" ])
    packInto folder images (shipping ())

    for package in Directory.EnumerateFiles(folder, "*.nupkg") |> Seq.sort do
        forgetCached (Path.GetFileNameWithoutExtension package)
        printfn $"artifacts/packages/{Path.GetFileName package}: %.1f{float (FileInfo package).Length / 1e6} MB"

    writeScript folder (under [ "artifacts"; "packages.fsx" ])

    // Where images are for this machine.
    if images.IsSome && List.contains Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier machines then
        coldStart "native"

/// The words of a line and its numbers, which are compared apart: the last digits of some vary with the width of vectors.
let private parts (line: string) =
    let pieces = line.Split([| ' '; ';'; '['; ']'; '|' |], StringSplitOptions.RemoveEmptyEntries)

    pieces
    |> Array.map (fun piece -> piece, Double.TryParse(piece.TrimEnd 'f', Globalization.CultureInfo.InvariantCulture))

let private agree (expected: string) (got: string) =
    let expected, got = parts expected, parts got

    expected.Length = got.Length
    && Array.forall2
        (fun (word, (isNumber, x)) (other, (_, y: float)) ->
            if isNumber then abs (x - y) <= 1e-4 * max 1.0 (abs x) else word = other)
        expected
        got

/// The packages that what ships depends on, as the lock file names them.
let private locked () =
    File.ReadAllLines(under [ "paket.lock" ])
    |> Seq.takeWhile (fun line -> not (line.StartsWith "GROUP"))
    |> Seq.filter (fun line -> line.StartsWith "    " && line[4] <> ' ')
    |> Seq.map (fun line -> line.Trim().Split(' ')[0])
    |> Seq.toList

/// Runs the tour over packages of what was built, in a folder of its own, as a user's script: samples/tour.txt is what it prints.
let tour () =
    let home = emptied (under [ "artifacts"; "tour" ])
    let at parts = Path.Combine(Array.ofList (home :: parts))
    let folder = Directory.CreateDirectory(at [ "artifacts"; "packages" ]).FullName
    let ours = [ "Contract"; "Cpu"; "Core" ] |> List.map (fun name -> $"Functional.{name}")

    shipping ()
    |> List.filter (fun project -> List.contains (Path.GetFileNameWithoutExtension project) ours)
    |> packInto folder None

    writeScript folder (at [ "artifacts"; "packages.fsx" ])
    let script = Path.Combine(Directory.CreateDirectory(at [ "samples" ]).FullName, "tour.fsx")
    File.Copy(under [ "samples"; "tour.fsx" ], script)

    // Nothing that this machine has unpacked of ours is met, and nothing is left there; what others made need not be fetched again.
    let unpacked =
        match Environment.GetEnvironmentVariable "NUGET_PACKAGES" with
        | null -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
        | folder -> folder

    for name in locked () do
        let folder = Path.Combine(unpacked, name.ToLowerInvariant())

        if Directory.Exists folder then
            copyFolder folder (at [ "unpacked"; Path.GetFileName folder ])

    let environment = List.singleton ("NUGET_PACKAGES", at [ "unpacked" ])
    let printed = (quietlyWith environment "dotnet" [ "fsi"; script ]).Split('\n') |> Array.map _.TrimEnd()
    let wanted = File.ReadAllLines(under [ "samples"; "tour.txt" ]) |> Array.map _.TrimEnd()
    let printed = printed |> Array.filter ((<>) "")

    match Seq.zip wanted printed |> Seq.tryFind (fun (line, got) -> not (agree line got)) with
    | None when wanted.Length = printed.Length -> printfn $"samples/tour.fsx printed its {wanted.Length} lines"
    | Some(line, got) -> raise (CommandFailed($"samples/tour.fsx: printed '{got}' where samples/tour.txt has '{line}'", 1))
    | None ->
        raise (CommandFailed($"samples/tour.fsx: printed {printed.Length} lines where samples/tour.txt has {wanted.Length}", 1))
