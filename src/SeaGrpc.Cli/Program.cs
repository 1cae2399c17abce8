Console.WriteLine(SeaGrpc.Modeling.Probe.Run());
