/// Who may know whom, and what C# users must never see.
module Functional.Laws.Architecture

open System
open System.Reflection
open Expecto
open Microsoft.FSharp.Core
open Functional.Laws.Repository

/// For each shipping project, the projects it may refer to. A project that is not listed here may not ship.
let private mayKnow =
    Map
        [ "Functional.Contract", []
          "Functional.Cpu", [ "Functional.Contract" ]
          "Functional.Mkl", [ "Functional.Contract" ]
          "Functional.Gpu", [ "Functional.Contract" ]
          "Functional.Core", [ "Functional.Contract"; "Functional.Cpu" ]
          "Functional.Vision", [ "Functional.Contract"; "Functional.Cpu"; "Functional.Core" ]
          "Functional.Forms", []
          "Functional.Torch",
          [ "Functional.Forms"; "Functional.Contract"; "Functional.Cpu"; "Functional.Core"; "Functional.Vision" ] ]

let private ships project = project.Path.StartsWith "src/"

/// What is wrong with a project's references, in words.
let wrongReferences project =
    let forbidden name =
        match ships project, Map.tryFind project.Name mayKnow with
        | true, None -> Some $"{project.Path} is not in the list of who may know whom"
        | true, Some allowed when not (List.contains name allowed) -> Some $"{project.Name} must not know {name}"
        | true, Some _ -> None
        | false, _ -> None

    let unlisted =
        if ships project && not (mayKnow.ContainsKey project.Name) then
            [ $"{project.Path} is not in the list of who may know whom" ]
        else
            []

    unlisted @ List.choose forbidden project.Uses |> List.distinct

let private speaksFSharp =
    set [ SourceConstructFlags.SumType; SourceConstructFlags.RecordType; SourceConstructFlags.Module ]

/// Types that speak F#: from FSharp.Core itself, System.Tuple, unions, records and modules.
let isFSharp (shown: Type) =
    let compiledAsFSharp =
        match shown.GetCustomAttribute<CompilationMappingAttribute>() with
        | null -> false
        | kind -> speaksFSharp.Contains(kind.SourceConstructFlags &&& SourceConstructFlags.KindMask)

    let isTuple = shown.Namespace = "System" && shown.Name.StartsWith "Tuple`"
    compiledAsFSharp || isTuple || shown.Assembly = typeof<list<int>>.Assembly

/// A type together with every type it is made of: elements, generic arguments, generic definition.
let rec private parts (shown: Type) : Type list =
    [ if shown.HasElementType then
          match shown.GetElementType() with
          | null -> ()
          | element -> yield! parts element
      elif shown.IsGenericType then
          shown.GetGenericTypeDefinition()

          for argument in shown.GetGenericArguments() do
              yield! parts argument
      elif not shown.IsGenericParameter then
          shown ]

let private visible =
    BindingFlags.Public
    ||| BindingFlags.NonPublic
    ||| BindingFlags.Instance
    ||| BindingFlags.Static
    ||| BindingFlags.DeclaredOnly

/// Public, or protected in a class that can be derived from.
let private isSeen (method: MethodBase) = method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly

let private signature (holder: Type) : (string * Type) list =
    [ match holder.BaseType with
      | null -> ()
      | parent -> "base class", parent

      for implemented in holder.GetInterfaces() do
          "interface", implemented

      for field in holder.GetFields visible do
          if field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly then
              field.Name, field.FieldType

      for constructor in holder.GetConstructors visible do
          if isSeen constructor then
              for parameter in constructor.GetParameters() do
                  $"constructor({parameter.Name})", parameter.ParameterType

      // Properties and events are seen through their accessors.
      for method in holder.GetMethods visible do
          if isSeen method then
              $"{method.Name} returns", method.ReturnType

              for parameter in method.GetParameters() do
                  $"{method.Name}({parameter.Name})", parameter.ParameterType ]

/// The members of a type whose signatures show F#, in words.
let fsharpShown (holder: Type) =
    [ for place, shown in signature holder do
          for part in parts shown do
              if isFSharp part then
                  $"{holder.FullName}: {place} shows {part.Name}" ]
    |> List.distinct

let private none message found = Expect.isEmpty found (message + "\n" + String.concat "\n" found)

/// Something for the checks to find fault with.
module Samples =
    type Speaks() =
        member _.Option(_: int[]) : list<int> option = None
        member _.Curried = fun (x: int) (y: int) -> x + y
        member _.Nested: Collections.Generic.Dictionary<string, int * int> = Collections.Generic.Dictionary()

    type Silent() =
        member _.Plain(count: int) : Collections.Generic.List<int64[]> = Collections.Generic.List(count)
        member _.Pair: struct (int * int) = struct (1, 2)

let tests =
    testList
        "Architecture"
        [ test "project references point the allowed way" {
              let all = projects.Force()
              Expect.isGreaterThanOrEqual (all |> List.filter ships |> List.length) 4 "the shipping projects are found"
              all |> List.collect wrongReferences |> none "wrong references"
          }

          test "a wrong-way reference is found" {
              let project path name =
                  parse path $"""<Project><ItemGroup><ProjectReference Include="..\x/{name}.fsproj" /></ItemGroup></Project>"""

              Expect.hasLength
                  (wrongReferences (project "src/Backends/Contract/Functional.Contract.fsproj" "Functional.Cpu"))
                  1
                  "Contract knows Cpu"

              Expect.hasLength
                  (wrongReferences (project "src/Backends/Gpu/Functional.Gpu.csproj" "Functional.Core"))
                  1
                  "Gpu knows Core"

              Expect.hasLength
                  (wrongReferences (project "src/New/Functional.New.csproj" "Functional.Core"))
                  1
                  "a project nobody listed"

              Expect.isEmpty (wrongReferences (project "src/Core.fs/Functional.Core.fsproj" "Functional.Cpu")) "Core knows Cpu"

              Expect.isEmpty
                  (wrongReferences (project "tests/Laws/Functional.Laws.fsproj" "Functional.Core"))
                  "tests know everyone"
          }

          test "the picture in docs/architecture.md is that of the project files" {
              let drawn =
                  [ for line in IO.File.ReadAllLines(IO.Path.Combine(root, "docs", "architecture.md")) do
                        match line.Trim().Split(" --> ") with
                        | [| knower; known |] -> knower, known
                        | _ -> () ]

              let real =
                  [ for project in projects.Force() do
                        if ships project then
                            for name in project.Uses do
                                // Runs inside the compiler and does not ship.
                                if name <> "Functional.Forms" then
                                    project.Name, name ]

              Expect.equal (List.sort drawn) (List.sort real) "arrows: dotnet fsi build.fsx docs draws them again"
          }

          test "nothing refers to tests, samples or benchmarks from src" {
              let outside = projects.Force() |> List.filter (ships >> not) |> List.map (fun p -> p.Name) |> set

              [ for project in projects.Force() do
                    if ships project then
                        for name in project.Uses do
                            if outside.Contains name then
                                $"{project.Name} refers to {name}" ]
              |> none "src refers outside"
          }

          test "the facade shows no F# type" {
              let facade = Assembly.Load "Functional.Torch"
              facade.GetExportedTypes() |> Array.toList |> List.collect fsharpShown |> none "F# in the facade"
          }

          test "an F# type in a signature is found" {
              let found = fsharpShown typeof<Samples.Speaks>
              Expect.exists found (fun line -> line.Contains "Option returns") "an option of a list"
              Expect.exists found (fun line -> line.Contains "Curried") "a curried function"
              Expect.exists found (fun line -> line.Contains "Nested") "a tuple inside a dictionary"
              fsharpShown typeof<Samples.Silent> |> none "types of the framework are fine"
          } ]
