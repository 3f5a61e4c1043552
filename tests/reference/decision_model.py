#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Reference prototype of the merged decision model (Part D). All integers x/100 so that C can match exactly.
import sys, json, math
OPT=("node","python","poly")
PERF={ # criterion: (node, python, poly) in 0..100
"conc":(92,58,90),"rt":(95,50,92),"stream":(93,50,90),"lat":(85,60,80),
"ml":(15,97,92),"data":(20,96,90),"num":(35,92,88),"plain":(70,45,70),
"cold":(75,55,60),"mem":(65,55,45),"share":(97,15,80),
"proto":(62,90,50),"docs":(62,92,72),"batt":(45,95,60),"ops":(88,80,30),"supply":(45,62,40)}
HIRE={"web":(95,45,70),"data":(35,95,70),"neutral":(75,75,65)}
LEG={"node":(100,10,60),"python":(10,100,60),"both":(50,50,100)}
DEF=dict(mix="unknown",cpu=None,conns="lt100",rps="lt1k",rt="none",stream="none",lat="none",ml="none",mlpath="na",data="none",plaincpu="none",numlib="no",
 js=3,py=3,team="2-5",asyncok="yes",share="no",legacy="none",stage="growth",deploy="containers",mem="ge512",split="if",queue="yes",docs=1,supply="normal",hire="neutral",batt="no",usecase="",micro="no",internal="no")
CR=('conc','rt','stream','lat','ml','data','num','plain','cold','mem','share','team','proto','docs','batt','ops','supply','hire','legacy')
def weights(a):
    w={}
    w["conc"]={"lt100":0,"100-1k":1,"1k-10k":4,"10k-50k":7,"gt50k":9}[a["conns"]]+(2 if a["rps"] in("50k-100k","gt100k") else 1 if a["rps"]=="10k-50k" else 0)
    w["conc"]=min(10,w["conc"])
    w["rt"]={"none":0,"nice":2,"essential":8}[a["rt"]]
    w["stream"]={"none":0,"some":3,"core":7}[a["stream"]]
    w["lat"]={"none":0,"500":1,"100":3,"50":4,"10":5}[a["lat"]]
    w["ml"]={"none":0,"hosted":1,"inference":7,"core":10}[a["ml"]]
    w["data"]={"none":0,"light":2,"heavy":7,"veryheavy":10}[a["data"]]
    w["num"]=5 if a["numlib"]=="yes" else 0
    w["plain"]={"none":0,"occasional":2,"per-request":5}[a["plaincpu"]]
    w["cold"]={"serverless":4,"edge":3,"containers":1,"longrun":0}[a["deploy"]]
    w["mem"]={"lt128":5,"128-512":2,"ge512":0}[a["mem"]]
    w["share"]={"no":0,"some":3,"important":6}[a["share"]]
    w["team"]=3+abs(a["js"]-a["py"])
    w["proto"]={"prototype":3,"growth":1,"mature":0}[a["stage"]]+(2 if a["internal"]=="yes" else 0)
    w["docs"]=a["docs"]
    w["batt"]=5 if a["batt"]=="yes" else 0
    w["ops"]=max(0,{"1":7,"2-5":4,"6-15":2,"16+":1}[a["team"]]-(2 if a["split"]=="yes" else 0))
    w["supply"]=2 if a["supply"]=="strict" else 0
    w["hire"]=2
    w["legacy"]=0 if a["legacy"]=="none" else 5
    return w
def perf(a):
    P=dict(PERF); js,py=a["js"]*20,a["py"]*20
    P["team"]=(js,py,(min(js,py)+(js+py)//2)//2)
    P["hire"]=HIRE[a["hire"]]
    P["legacy"]=LEG.get(a["legacy"],(50,50,50))
    return P
def gates(a):
    out={}
    if a["split"]=="no": out["poly"]="two stacks refused (answer: split=no)"
    if a["ml"]=="core" and a["mlpath"]=="inprocess": out["node"]="model must run in the API process"
    # 002: avoid Python for extreme concurrency with minimal latency / when async architecture cannot be invested in
    if a["conns"] in("10k-50k","gt50k") and a["asyncok"]=="no": out["python"]="extreme concurrency without async discipline (002)"
    if len(out)==3: out.pop("poly",None)
    return out
def score(a,w=None,P=None):
    w=w or weights(a); P=P or perf(a); W=sum(w.values()) or 1
    return {o:sum(w[c]*P[c][i] for c in w)/W for i,o in enumerate(OPT)}
N_Q=lambda a: a["conns"] in("1k-10k","10k-50k","gt50k")
RT=lambda a:a["rt"]=="essential"
STR=lambda a:a["stream"]=="core"
ML=lambda a:a["ml"] in("inference","core")
BIG=lambda a:a["data"] in("heavy","veryheavy")
NUM=lambda a:a["numlib"]=="yes" or a["mix"]=="native"
def advisors(a):
    V={}
    n=N_Q(a) or RT(a); p=ML(a) or BIG(a) or NUM(a)
    V["A-000a matrix"]="poly" if n and p else "node" if n else "python" if p else "abstain"
    V["A-000b framework"]=("poly" if RT(a) else "python") if ML(a) else "node" if RT(a) else "node" if N_Q(a) else "python" if BIG(a) else "node" if a["js"]>=3 and a["js"]>=a["py"] else "python"
    V["A-000c strategy"]=("poly" if a["micro"]=="yes" and p else "poly" if p and (RT(a) or STR(a)) else "poly" if BIG(a) and ML(a) and a["team"] in("6-15","16+") else
        "node" if RT(a) else "python" if p else {"node":"node","python":"python","both":"poly"}.get(a["legacy"]) or ("node" if a["stage"]=="prototype" else "node" if a["js"]-a["py"]>=2 else "python" if a["py"]-a["js"]>=2 else "abstain"))
    rn=RT(a) or STR(a) or a["share"]=="important" or (a["micro"]=="yes" and N_Q(a)); rp=ML(a) or BIG(a) or NUM(a) or a["batt"]=="yes"
    V["A-001 use-case matrix"]="poly" if rn and rp else "node" if rn else "python" if rp else "abstain"
    vn=(a["mix"]=="io")+(a["share"]!="no")+(a["js"]-a["py"]>=2); vp=(BIG(a) or a["mix"]=="native")+NUM(a)+(a["py"]-a["js"]>=2)
    core_io=a["mix"]=="io" and (RT(a) or STR(a) or N_Q(a)); core_d=BIG(a) or ML(a)
    V["A-002a checklist"]="poly" if core_io and core_d else "node" if vn>vp else "python" if vp>vn else "abstain"
    V["A-002b cpu share"]="abstain" if a["cpu"] is None else "node" if a["cpu"]<20 else "python" if a["cpu"]>=50 and NUM(a) else "abstain"
    n3=RT(a) or STR(a) or N_Q(a) or a["usecase"] in("ecommerce","iot","spa"); p3=ML(a) or BIG(a) or NUM(a) or a["stage"]=="prototype"
    V["A-003 purpose+team"]=("poly" if n3 and (ML(a) or BIG(a)) else "node" if n3 else "python" if p3 else "node" if a["js"]-a["py"]>=2 else "python" if a["py"]-a["js"]>=2 else "abstain")
    pts=(1 if a["mix"]=="io" else -1 if a["mix"]=="native" else 0)+(1 if a["js"]-a["py"]>=2 else -1 if a["py"]-a["js"]>=2 else 0)+(1 if RT(a) else 0)-(1 if ML(a) or BIG(a) else 0)
    V["A-004 four factors"]="poly" if RT(a) and ML(a) else "node" if pts>0 else "python" if pts<0 else "abstain"
    return V
class LCG:
    def __init__(s): s.x=12345
    def f(s): s.x=(s.x*1103515245+12345)&0x7fffffff; return s.x/0x7fffffff
def overlay(P,meas):
    """meas: criterion -> ratio node/python where >1 means Node better, as measured on THIS machine."""
    P=dict(P)
    for c,r in (meas or {}).items():
        d=25*math.log2(r); n=min(95,max(5,50+d)); y=min(95,max(5,50-d))
        P[c]=(n,y,min(n,y) if c in("mem","cold") else max(n,y)-3)
    return P
def decide(a,meas=None):
    g=gates(a); w=weights(a); P0=overlay(perf(a),meas); S=score(a,w,P0)
    nd=w["conc"]+w["rt"]+w["stream"]+w["lat"]; pd=w["ml"]+w["data"]+w["num"]   # demand on each side
    if (nd<6 or pd<6) and "poly" not in g: g["poly"]="one-sided demand (Node side %d, Python side %d; both must reach 6)"%(nd,pd)
    allowed=[o for o in OPT if o not in g]
    r=sorted(allowed,key=lambda o:(-S[o],OPT.index(o))); win=r[0]; sec=r[1] if len(r)>1 else None
    margin=S[win]-S[sec] if sec else 20.0
    adv=advisors(a); vs=[v for v in adv.values() if v!="abstain"]
    cred=lambda v:1 if v==win else .5 if "poly" in (v,win) else 0
    agree=sum(map(cred,vs))/(len(vs)+1)   # shrunk: few voices can never look unanimous
    L=LCG(); keep=0
    for _ in range(1000):
        ww={c:w[c]*(0.5+L.f()) for c in CR}
        PP={c:tuple(min(100,max(0,v+20*L.f()-10)) for v in P0[c]) for c in CR}
        T=score(a,ww,PP); q=sorted(allowed,key=lambda o:(-T[o],OPT.index(o)))[0]; keep+=q==win
    rob=keep/1000; comp=a.get("_complete",1.0)
    conf=100*(.30*min(1,max(0,margin)/20)+.25*agree+.20*rob+.25*comp)
    contested=len(vs)>=4 and agree<.25
    if contested: conf=min(conf,50)
    W=sum(w.values()); contrib=sorted(((w[c]*(P0[c][OPT.index(win)]-P0[c][OPT.index(sec)])/W,c) for c in CR),reverse=True) if sec else []
    return dict(contested=contested,win=win,second=sec,S={o:round(v,1) for o,v in S.items()},margin=round(margin,1),agree=round(agree,2),rob=round(rob,2),conf=round(conf),nd=nd,pd=pd,gates=g,adv=adv,w=w,contrib=[(c,round(x,1)) for x,c in contrib if abs(x)>=.05])
def band(c,evidence="none"):
    """evidence: none | model (C models ran here) | real (real runtimes ran here)"""
    c=min(c,{"none":74,"model":84,"real":95}[evidence]); return c,("High" if c>=75 else "Moderate" if c>=55 else "Low" if c>=35 else "Too close to call")
def flips(a):
    base=decide(a)["win"]; out=[]
    DOM=dict(conns=["lt100","100-1k","1k-10k","10k-50k","gt50k"],rt=["none","nice","essential"],stream=["none","some","core"],ml=["none","hosted","inference","core"],data=["none","light","heavy","veryheavy"],numlib=["no","yes"],js=[0,1,2,3,4,5],py=[0,1,2,3,4,5],team=["1","2-5","6-15","16+"],share=["no","some","important"],legacy=["none","node","python","both"],split=["no","if","yes"],deploy=["longrun","containers","edge","serverless"],stage=["prototype","growth","mature"],batt=["no","yes"])
    for q,vals in DOM.items():
        i=vals.index(a[q])
        for j in sorted(range(len(vals)),key=lambda j:abs(j-i)):
            if j==i: continue
            b=dict(a); b[q]=vals[j]; d=decide(b)["win"]
            if d!=base: out.append((abs(j-i),q,a[q],vals[j],d)); break
    return sorted(out,key=lambda t:(t[0],t[1]))
PERSONAS=[
("PS-01 Chat start-up",dict(mix="io",conns="10k-50k",rt="essential",stream="some",lat="100",js=4,py=1,team="2-5",share="important",stage="prototype",hire="web",cpu=8,rps="1k-10k",usecase="chat"),"node"),
("PS-02 Recommendation engine company",dict(mix="native",conns="100-1k",ml="core",mlpath="request",data="veryheavy",numlib="yes",js=1,py=5,team="6-15",stage="growth",hire="data",docs=2,cpu=70,rps="10k-50k"),"python"),
("PS-03 API gateway for 20+ services",dict(mix="io",conns="10k-50k",rps="50k-100k",stream="core",lat="50",js=3,py=2,team="6-15",micro="yes",cpu=10,stage="mature"),"node"),
("PS-04 Analytics pipeline 1 TB/day",dict(mix="native",data="veryheavy",numlib="yes",js=1,py=4,team="2-5",deploy="longrun",hire="data",stage="mature",cpu=80),"python"),
("PS-05 Chat with ML moderation",dict(mix="io",conns="10k-50k",rt="essential",ml="inference",mlpath="request",lat="100",js=4,py=3,team="6-15",split="yes",numlib="yes",cpu=30,stage="growth"),"poly"),
("PS-06 Sports platform (live scores + nightly analytics)",dict(mix="io",conns="10k-50k",rt="essential",stream="core",data="heavy",ml="inference",mlpath="batch",numlib="yes",js=3,py=3,team="6-15",split="if",stage="growth",cpu=15),"poly"),
("PS-07 Solo founder CRUD MVP, Python background",dict(mix="unknown",conns="lt100",js=1,py=4,team="1",stage="prototype",docs=2,usecase="crud"),"python"),
("PS-08 Agency, JS team, SSR shop",dict(mix="io",conns="1k-10k",share="important",js=5,py=1,team="2-5",hire="web",usecase="ecommerce",stage="growth",cpu=10),"node"),
("PS-09 Government CMS",dict(mix="unknown",conns="100-1k",batt="yes",js=2,py=3,team="6-15",stage="mature",deploy="longrun",supply="strict",docs=2,usecase="cms"),"python"),
("PS-10 IoT ingestion, small memory, bursty",dict(mix="io",conns="gt50k",rt="nice",stream="core",js=3,py=3,team="2-5",deploy="edge",mem="lt128",usecase="iot",cpu=5),"node"),
("PS-11 LLM-agent product calling hosted models",dict(mix="io",conns="1k-10k",rt="nice",stream="core",ml="hosted",js=3,py=3,team="2-5",share="some",stage="prototype",cpu=5,usecase="agents"),"node"),
("PS-12 Lone data scientist who also needs live updates",dict(mix="balanced",conns="100-1k",rt="nice",ml="core",mlpath="request",data="heavy",numlib="yes",js=0,py=5,team="1",split="no",stage="prototype",cpu=60,hire="data"),"python"),

("PS-13 Plain REST CRUD, balanced team, nothing special",dict(mix="io",conns="100-1k",js=3,py=3,team="2-5",stage="growth",cpu=15),"node"),
("PS-14 ML core + essential real-time, mid team, undecided on two stacks",dict(mix="balanced",conns="1k-10k",rt="essential",ml="core",mlpath="request",numlib="yes",js=3,py=4,team="6-15",split="if",cpu=40),"poly"),
("PS-15 Python shop asked for a 20k-socket notifier",dict(mix="io",conns="10k-50k",rt="essential",js=1,py=5,team="6-15",legacy="python",split="if",stage="growth",cpu=5),"python"),
("PS-16 Everything unknown",dict(_complete=0.0),"python"),
]
if __name__=="__main__":
    bad=0
    for name,d,exp in PERSONAS:
        a=dict(DEF); a.update(d); r=decide(a); c,b=band(r["conf"]); ok=r["win"]==exp; bad+=not ok
        print(("OK  " if ok else "FAIL"),name,"->",r["win"],"exp",exp,r["S"],"margin",r["margin"],"agree",r["agree"],"rob",r["rob"],"raw",r["conf"],"conf",c,b,"CONTESTED" if r["contested"] else "","nd/pd",r["nd"],r["pd"],r["gates"])
        if "-v" in sys.argv: print("     ",{k:v for k,v in r["adv"].items()}); print("      why:",r["contrib"][:4],"against:",r["contrib"][-3:]); print("      flips:",[f"{q}:{x}->{y} => {z}" for _,q,x,y,z in flips(a)][:6])
    print("bad",bad)
