/// PyTorch itself reads what we write, where a Python with torch is found; elsewhere these tests say so and skip.
module Functional.Laws.PyTorchTests

open System
open System.Diagnostics
open System.IO
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

let private run (python: string) (script: string) =
    let info = ProcessStartInfo(python, [ "-c"; script ])
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true

    match Process.Start info with
    | null -> (-1, "", "does not start")
    | running ->
        let output = running.StandardOutput.ReadToEnd()
        let errors = running.StandardError.ReadToEnd()
        running.WaitForExit()
        (running.ExitCode, output.Trim(), errors)

/// The first Python on the path that has torch; it may stand behind one that has not.
let private python =
    let folders =
        match Environment.GetEnvironmentVariable "PATH" with
        | null -> [||]
        | path -> path.Split Path.PathSeparator

    let hasTorch python =
        let code, _, _ = run python "import torch, numpy"
        code = 0

    lazy
        (folders
         |> Array.map (fun folder -> Path.Combine(folder, "python3"))
         |> Array.tryFind (fun python -> File.Exists python && hasTorch python))

/// What a script of PyTorch's prints about a folder.
let private ask (folder: string) (script: string) =
    match python.Value with
    | None -> skiptest "no python3 with torch here"
    | Some python ->
        match run python $"import torch\nfolder = r'{folder}/'\n{script}" with
        | 0, output, _ -> output
        | other -> failtest $"PyTorch: {other}"

let private weights =
    [ for dtype in Dtype.all do
          Dtype.name dtype, StoredTensor.create dtype [| 2; 0 |] ReadOnlyMemory.Empty
      "whole", StoredTensor.ofArray Float32 [| 2; 3 |] [| 0f .. 5f |]
      "scalar", StoredTensor.ofArray Int64 [||] [| 7L |] ]

let private dict =
    let storage = StoredTensor.ofArray Float64 [| 6 |] [| 0.0 .. 5.0 |]

    CheckpointValue.Dict
        [| for name, tensor in weights do
               CheckpointValue.Text name, CheckpointValue.Tensor tensor
           CheckpointValue.Text "turned", CheckpointValue.Window(StoredWindow(storage, 0, [| 3; 2 |], [| 1; 3 |]))
           CheckpointValue.Text "part", CheckpointValue.Window(StoredWindow(storage, 2, [| 2 |], [| 2 |]))
           CheckpointValue.Text "betas", CheckpointValue.Tuple [| CheckpointValue.Real 0.9; CheckpointValue.Real 0.999 |]
           CheckpointValue.Text "none", CheckpointValue.Nothing
           CheckpointValue.Text "large", CheckpointValue.Integer(1I <<< 70) |]

let tests =
    testList
        "PyTorch reads"
        [ test "zip and legacy files, every dtype, shared storages with their strides" {
              withFolder (fun folder ->
                  TorchWriter.save (Path.Combine(folder, "zip.pt")) dict

                  AtomicFile.write (Path.Combine(folder, "legacy.pt")) (fun stream ->
                      TorchWriter.writeLegacy TorchWriter.DefaultProtocol stream dict)

                  let said =
                      ask
                          folder
                          """
for name in ['zip.pt', 'legacy.pt']:
    d = torch.load(folder + name)
    assert all(d[str(t)[6:]].dtype == t and d[str(t)[6:]].shape == (2, 0) for t in
               [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
                torch.float32, torch.float64, torch.complex64, torch.complex128])
    assert torch.equal(d['whole'], torch.arange(6.).reshape(2, 3)) and d['scalar'].item() == 7
    assert torch.equal(d['turned'], torch.arange(6.).double().reshape(2, 3).t()) and d['turned'].stride() == (1, 3)
    assert d['part'].tolist() == [2, 4]
    d['turned'][0, 1] = 10; d['part'][0] = 9
    assert d['turned'][2, 0] == 9
    assert d['betas'] == (0.9, 0.999) and d['none'] is None and d['large'] == 2 ** 70
    print('read', name)
"""

                  Expect.equal said "read zip.pt\nread legacy.pt" "what PyTorch says")
          }
          test "what it writes itself, both ways and back" {
              withFolder (fun folder ->
                  ask
                      folder
                      """
base = torch.arange(12.).reshape(3, 4)
m = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
o = torch.optim.Adam(m.parameters(), lr=0.1)
m(torch.randn(5, 3)).sum().backward(); o.step()
d = {'base': base, 'turned': base.t(), 'row': base[1], 'model': m.state_dict(), 'optimizer': o.state_dict(), 'bf': base.bfloat16()}
torch.save(d, folder + 'zip.pt')
torch.save(d, folder + 'legacy.pt', _use_new_zipfile_serialization=False)
"""
                  |> ignore

                  for name in [ "zip.pt"; "legacy.pt" ] do
                      let value = TorchCheckpoint.load (Path.Combine(folder, name))
                      TorchWriter.save (Path.Combine(folder, "again-" + name)) value

                      match CheckpointValue.tryItem "base" value, CheckpointValue.tryItem "turned" value with
                      | Some(CheckpointValue.Window a), Some(CheckpointValue.Window b) ->
                          Expect.isTrue (obj.ReferenceEquals(a.Storage, b.Storage)) "they share"
                      | other -> failtest $"{other}"

                  let said =
                      ask
                          folder
                          """
def same(a, b):
    if isinstance(a, torch.Tensor): return a.dtype == b.dtype and torch.equal(a, b) and a.stride() == b.stride()
    if isinstance(a, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)): return type(a) == type(b) and len(a) == len(b) and all(map(same, a, b))
    return a == b
for name in ['zip.pt', 'legacy.pt']:
    a, b = torch.load(folder + name), torch.load(folder + 'again-' + name)
    assert same(a, b), name
    assert b['row'].storage().data_ptr() == b['base'].storage().data_ptr()
    m = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    m.load_state_dict(b['model'])
    o = torch.optim.Adam(m.parameters()); o.load_state_dict(b['optimizer'])
    m(torch.randn(5, 3)).sum().backward(); o.step()
print('same')
"""

                  Expect.equal said "same" "what PyTorch says")
          }
          test "NumPy's files, both ways" {
              withFolder (fun folder ->
                  let tensors = weights |> List.filter (fun (name, _) -> name <> "bfloat16")
                  Numpy.saveAll (Path.Combine(folder, "ours.npz")) tensors

                  ask
                      folder
                      """
import numpy
d = numpy.load(folder + 'ours.npz')
assert all(str(d[n].dtype) == n for n in d.files if n not in ('whole', 'scalar')), [(n, d[n].dtype) for n in d.files]
assert (d['whole'] == numpy.arange(6).reshape(2, 3)).all() and d['scalar'] == 7
a = numpy.arange(24, dtype='>f8').reshape(2, 3, 4)
numpy.savez_compressed(folder + 'theirs.npz', big=a, turned=numpy.asfortranarray(a), half=a.astype('f2'), one=numpy.int64(5))
"""
                  |> ignore

                  let theirs = Numpy.loadAll (Path.Combine(folder, "theirs.npz")) |> Map.ofArray

                  for name in [ "big"; "turned" ] do
                      Expect.equal (StoredTensor.toArray<float> theirs[name]) [| 0.0 .. 23.0 |] name
                      Expect.equal theirs[name].Shape [| 2; 3; 4 |] name

                  Expect.equal theirs["half"].Dtype Float16 "half"
                  Expect.equal (StoredTensor.toArray<int64> theirs["one"]) [| 5L |] "one")
          } ]
