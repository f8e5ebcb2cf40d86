/// What Backend.explain says of what was looked for.
module Functional.Laws.Gpu.ExplainTests

open System
open System.IO
open System.Reflection
open System.Reflection.Emit
open Expecto
open Functional
open Functional.Contract
open Functional.Gpu

type private Fake(kind: string, devices: int, probes: Probe list) =
    interface IBackendProvider with
        member _.Kind = kind
        member _.DeviceCount = devices
        member _.Probes = Array.ofList probes
        member _.Open(_, host) = host

type private Throwing() =
    interface IBackendProvider with
        member _.Kind = "throwing"
        member _.DeviceCount = raise (BadImageFormatException "the driver is of another machine")
        member _.Probes = [||]
        member _.Open(_, host) = host

let private said providers failures = Backend.explanationOf providers failures

let private lines =
    testList
        "lines"
        [ test "what was found is said with its version, what was not with the reason" {
              let provider =
                  Fake(
                      "fake",
                      2,
                      [ Probe.Found("libfake.so.2", "version 2.1"); Probe.Missing("libfake.so.3", "the driver is too old") ]
                  )

              let text = said [ provider ] []
              Expect.stringContains text "fake: 2 devices" "how many"
              Expect.stringContains text "  libfake.so.2: found, version 2.1" "found"
              Expect.stringContains text "  libfake.so.3: not usable, the driver is too old" "not usable"
              Expect.stringContains (said [ Fake("lone", 1, []) ] []) "lone: 1 device\n" "one device"
              Expect.stringContains text $"new tensors live on: {Backend.current().Name}" "the default"
          }

          test "a provider that raises is told of, and the others are still asked" {
              let text = said [ Throwing(); Fake("next", 0, []) ] []

              Expect.stringContains
                  text
                  "Throwing: not usable, it raised BadImageFormatException: the driver is of another machine"
                  "why"

              Expect.stringContains text "next: 0 devices" "the next one"
          }

          test "an assembly that does not load, or whose provider is none, is told of" {
              let folder = Directory.CreateTempSubdirectory "functional-explain"

              try
                  let file = Path.Combine(folder.FullName, "Functional.Broken.dll")
                  File.WriteAllText(file, "no assembly")

                  let broken =
                      match Providers.load file with
                      | Error failure -> failure
                      | Ok assembly -> failtest $"{assembly} was loaded"

                  let named (provider: Type) =
                      let assembly =
                          AssemblyBuilder.DefineDynamicAssembly(AssemblyName "Functional.Wrong", AssemblyBuilderAccess.Run)

                      let attribute = Unchecked.nonNull (typeof<BackendProviderAttribute>.GetConstructor [| typeof<Type> |])
                      assembly.SetCustomAttribute(CustomAttributeBuilder(attribute, [| box provider |]))
                      assembly

                  let wrong =
                      match Providers.broughtBy (named typeof<Version>) with
                      | Error failure -> failure
                      | Ok providers -> failtest $"{providers} were brought"

                  let text = said [] [ broken; wrong ]
                  Expect.stringContains text "Functional.Broken: not asked, " "a file that is no assembly"
                  Expect.stringContains text "Functional.Wrong: not asked, " "a provider that is none"
                  Expect.stringContains wrong.Reason "it does not implement IBackendProvider" "why"
              finally
                  folder.Delete true
          } ]

/// A library with all functions but some; those that tell a version would be called.
let private library (lacking: string list) (file: string) =
    let isThere (name: string) = not (List.contains name lacking || name.EndsWith "Property" || name.EndsWith "Version")
    CudaLibrary(file, (fun name -> if isThere name then 1n else 0n))

/// Opens libraries of NVIDIA's as if these files lay here.
let private lying (files: string list) lacking =
    Func<string, CudaLibrary | null>(fun file -> if List.contains file files then library lacking file else null)

let private file name version = CudaLibrary.File(name, version)

let private during (value: string | null) work =
    let before = Environment.GetEnvironmentVariable CudaLibrary.Variable
    Environment.SetEnvironmentVariable(CudaLibrary.Variable, value)

    try
        work ()
    finally
        Environment.SetEnvironmentVariable(CudaLibrary.Variable, before)

let private libraries =
    testList
        "cuBLAS and cuDNN"
        [ test "the newest version that lies here comes first" {
              during null (fun () ->
                  let load = lying [ file "cublas" 11; file "cublas" 13; file "cudnn" 9 ] []
                  let found name versions = CudaLibrary.Installed(name, versions, load) |> Seq.map _.Name |> List.ofSeq
                  Expect.equal (found "cublas" CuBlas.Versions) [ file "cublas" 13; file "cublas" 11 ] "cuBLAS"
                  Expect.equal (found "cudnn" CuDnn.Versions) [ file "cudnn" 9 ] "cuDNN")
          }

          test "FUNCTIONAL_GPU_LIBRARIES=0 leaves all alone, and that is said" {
              during "0" (fun () ->
                  let load = lying [ file "cublas" 13; file "cudnn" 9 ] []
                  Expect.isEmpty (CudaLibrary.Installed("cublas", CuBlas.Versions, load)) "none"

                  for probe in LibraryProbe.All(true, load) do
                      Expect.isFalse probe.IsUsable probe.Sought
                      Expect.stringStarts probe.Details "not looked for: FUNCTIONAL_GPU_LIBRARIES=0" probe.Sought)
          }

          test "each is said with what was tried, what was found, and why not" {
              during null (fun () ->
                  let text load hasCuda = said [ Fake("cuda", 1, List.ofArray (LibraryProbe.All(hasCuda, load))) ] []

                  let some = text (lying [ file "cublas" 12; file "cudnn" 8 ] []) true

                  Expect.stringContains
                      some
                      $"""  cuBLAS 13, 12, 11: found, {file "cublas" 12}, version unknown ({file "cublas" 13}: not found by the system's loader)"""
                      "found"

                  Expect.stringContains some $"""  cuDNN 9, 8: found, {file "cudnn" 8}""" "found"
                  let none = text (lying [] []) true
                  Expect.stringContains none $"""  cuBLAS 13, 12, 11: not usable, {file "cublas" 13}: not found""" "missing"
                  let old = text (lying [ file "cudnn" 9 ] [ "cudnnSetConvolutionGroupCount" ]) true
                  Expect.stringContains old $"""{file "cudnn" 9}: it lacks cudnnSetConvolutionGroupCount""" "an old one"
                  let alone = text (lying [ file "cublas" 12 ] []) false
                  Expect.stringContains alone "but there is no CUDA device for it" "no device"
                  let refused = library [] "libcublas.so.0"
                  refused.Refuse "it does not start with the driver"
                  let refusing = text (Func<string, CudaLibrary | null>(fun _ -> refused)) true

                  Expect.stringContains
                      refusing
                      "version unknown, it does not start with the driver"
                      "refused when a device tried")
          }

          test "this machine's own explanation names them" {
              let text = Backend.explanation ()
              Expect.stringContains text "cuBLAS 13, 12, 11: " "cuBLAS"
              Expect.stringContains text "cuDNN 9, 8: " "cuDNN"
          } ]

let tests = testSequenced (testList "Explain" [ lines; libraries ])
